#include "tests/simulation/run/coverage.hpp"

#include "shared/wire/codec.hpp"
#include "tests/simulation/base/describe.hpp"
#include "tests/simulation/world/stage.hpp"

#include <array>
#include <utility>

namespace parley::simulation {

namespace {

template <class Enum>
std::string_view name_in(std::string_view machine_name, Enum value) {
    for (const auto& one : machines())
        if (one.name == machine_name) return one.states.at(static_cast<std::size_t>(value));
    return {};
}

std::string_view name_of(const client_fact& fact) {
    return machines().front().facts.at(fact.index());
}

std::string_view name_of(op_state state) {
    switch (state) {
    case op_state::queued: return "queued";
    case op_state::sending: return "sending";
    case op_state::sent: return "sent";
    case op_state::stored: return "stored";
    case op_state::failed: return "failed";
    }
    return {};
}

std::string_view name_of(outcome what) {
    switch (what) {
    case outcome::unknown: return "told_unknown";
    case outcome::placed: return "told_placed";
    case outcome::committed: return "told_committed";
    case outcome::rejected: return "told_rejected";
    case outcome::later: return "told_later";
    }
    return {};
}

/// Of the frames to a client that concern one room, and that room.
std::pair<std::string_view, room_id> about_room(const wire::frame_down& frame) {
    if (const auto* f = std::get_if<wire::room>(&frame)) return {"room", f->id};
    if (const auto* f = std::get_if<wire::page>(&frame)) return {"page", f->room};
    if (const auto* f = std::get_if<wire::event>(&frame)) return {"event", f->room};
    if (const auto* f = std::get_if<wire::watermark>(&frame)) return {"watermark", f->room};
    if (const auto* f = std::get_if<wire::truncated>(&frame)) return {"truncated", f->room};
    if (const auto* f = std::get_if<wire::behind>(&frame)) return {"behind", f->room};
    return {};
}

/// Of the frames to the server that ask something of one room, and that room.
std::pair<std::string_view, room_id> asked_of_room(const wire::frame_up& frame) {
    if (const auto* f = std::get_if<wire::subscribe>(&frame)) return {"subscribe", f->room};
    if (const auto* f = std::get_if<wire::settle>(&frame)) return {"settle", f->room};
    if (const auto* f = std::get_if<wire::receipt>(&frame)) return {"receipt", f->room};
    if (const auto* f = std::get_if<wire::op>(&frame)) return {name_in("sequencer", f->kind), f->room};
    const auto* f = std::get_if<wire::request>(&frame);
    if (f && f->ask == question::history) return {"history", f->room};
    if (f && f->ask == question::members) return {"members", f->room};
    return {};
}

std::string_view state_of(const room_view& room) {
    return room.caught_up ? "live" : room.joined ? "joined" : "listed";
}

}  // namespace

void coverage::meet(std::string_view machine, std::string_view state, std::string_view fact) {
    ++met_[pair_name(machine, state, fact)];
}

void coverage::begun(stage& all) {
    stage_ = &all;
    tabs_.clear();
    greeted_.clear();
    failing_ = false;
}

// ---- faults

/// The furthest step that each op of this tab without verdict has reached.
void coverage::strike(tab& where, std::string_view fault) {
    if (!where.works()) return;
    for (const auto& op : where.core().outbox()) {
        if (op.state == op_state::failed) continue;
        const auto* story = stage_->seen.story_of(op.change);
        meet("journey",
             stage_->seen.stored_at(op.change)   ? "stored"
             : stage_->seen.placed_at(op.change) ? "placed"
             : story && story->offered           ? "offered"
             : op.saved                          ? "kept"
                                                 : "composed",
             fault);
    }
}

void coverage::strike_all(std::string_view fault) {
    if (!stage_) return;
    for (const auto& one : stage_->tabs)
        strike(*one, fault);
}

void coverage::struck(deed what) {
    strike_all(simulation::name_of(what));
}

void coverage::server_died() {
    strike_all("server_dies");
}

void coverage::worker_gone(tab& where) {
    if (stage_) strike(where, "worker_dies");
    tabs_.erase(where.number());
}

// ---- the server

void coverage::judged(const append_item& item, const append_answer& answer) {
    meet("sequencer", name_in("sequencer", item.event.kind), simulation::name_of(answer.what));
}

void coverage::written(const commit_batch& batch, commit_outcome::kind how) {
    constexpr std::array<std::string_view, 4> outcomes{"committed", "refused", "failed", "superseded"};
    const auto fact = std::string(batch.events.empty() ? "nothing " : "events ")
                          .append(outcomes.at(static_cast<std::size_t>(how)));
    meet("committer", failing_ ? "failing" : "well", fact);
    failing_ = how == commit_outcome::kind::failed;
}

void coverage::session_ended(const seen_session& who) {
    greeted_.erase(who.handle);
}

void coverage::heard(const seen_session& who, const wire::frame_up& frame) {
    if (frame.index() == 0) return;  // of a later version
    const bool known = greeted_.count(who.handle) != 0;
    for (const auto& one : machines())
        if (one.name == "session")
            meet("session", known ? "greeted" : "opened", one.facts.at(frame.index() - 1));
    if (std::holds_alternative<wire::hello>(frame)) greeted_.insert(who.handle);
    const auto [fact, room] = asked_of_room(frame);
    if (stage_ && !fact.empty())
        meet("member", stage_->seen.member(room, who.user) ? "inside" : "outside", fact);
}

// ---- clients

void coverage::meet_op(const before& was, const change_id& change, std::string_view fact) {
    const auto at = was.ops.find(change);
    if (at != was.ops.end()) meet("op", name_of(at->second), fact);
}

void coverage::meet_all_ops(const before& was, std::string_view fact) {
    for (const auto& [change, state] : was.ops)
        meet("op", name_of(state), fact);
}

void coverage::meet_room(const before& was, room_id room, std::string_view fact) {
    const auto at = was.rooms.find(room);
    meet("followed room", at == was.rooms.end() ? "unknown" : at->second, fact);
}

void coverage::meet_intent(const before& was, const intended& wish) {
    using what = intended::what;
    switch (wish.kind) {
    case what::show_room: return meet_room(was, wish.room, "show_room");
    case what::load_older: return meet_room(was, wish.room, "load_older");
    case what::mark_read: return meet_room(was, wish.room, "mark_read");
    case what::join_room: return meet_room(was, wish.room, "join_room");
    case what::leave_room: return meet_room(was, wish.room, "leave_room");
    case what::send_message: return meet_room(was, wish.room, "send_message");
    case what::discard_op: return meet_op(was, wish.change, "discarded");
    case what::retry_op: return meet_op(was, wish.change, "retried");
    case what::copy_back: return meet_op(was, wish.change, "copied_back");
    default: return;
    }
}

void coverage::meet_frames(tab& where, const before& was, byte_view message) {
    wire::frame_reader frames{message};
    for (auto one = frames.next(); !one.empty(); one = frames.next()) {
        const auto frame = wire::decode_down(one);
        if (!frame) continue;
        const auto self = where.owner().user;
        if (const auto* reply = std::get_if<wire::op_reply>(&*frame))
            meet_op(was, {self, reply->op}, name_of(reply->outcome));
        if (const auto* event = std::get_if<wire::event>(&*frame)) meet_op(was, event->id, "told_event");
        const auto [fact, room] = about_room(*frame);
        if (!fact.empty()) meet_room(was, room, fact);
    }
}

void coverage::stepped(tab& where, const client_fact& fact, const client_effects&) {
    auto& was = tabs_[where.number()];
    if (std::holds_alternative<started>(fact)) was = {};
    meet("connection", name_in("connection", was.connection), name_of(fact));
    if (const auto* wish = std::get_if<intended>(&fact)) meet_intent(was, *wish);
    if (const auto* arrived = std::get_if<bytes_arrived>(&fact)) meet_frames(where, was, arrived->message);
    if (std::holds_alternative<socket_closed>(fact)) {
        meet_all_ops(was, "connection_lost");
        if (stage_) strike(where, "connection_lost");
    }
    if (std::holds_alternative<persist_failed>(fact)) meet_all_ops(was, "write_failed");
    if (std::holds_alternative<signed_out>(fact)) meet_all_ops(was, "signed_out");

    was.connection = where.core().status(where.now()).connection;
    was.ops.clear();
    for (const auto& op : where.core().outbox())
        was.ops.emplace(op.change, op.state);
    was.rooms.clear();
    for (const auto* room : where.core().rooms())
        was.rooms.emplace(room->id, state_of(*room));
}

}  // namespace parley::simulation
