#include "shared/base/limits.hpp"
#include "shared/base/text.hpp"
#include "shared/client/client_state.hpp"
#include "shared/wire/validate.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

constexpr std::size_t answers_kept = 256;
constexpr std::size_t draft_bytes = 64 * 1024;

bool same(const intended& a, const intended& b) {
    const bool names_op = a.kind == intended::what::send_message;
    return a.intent == b.intent && a.kind == b.kind && a.room == b.room &&
           (names_op || a.change == b.change) && a.name == b.name && a.text == b.text;
}

}  // namespace

void client::state::take(instant now, const intended& fact, client_effects& out) {
    if (const auto* before = answered_before(fact)) {
        out.push_back(*before);
        return;
    }
    acknowledge answer;
    answer.intent = fact.intent;
    answer.room = fact.room;
    answer.code = carry_out(now, fact, answer, out);
    if (auto* room = rooms.find(answer.room)) room->changed = true;
    out.push_back(answer);
    if (fact.intent != 0) remember(answer, fact);
}

void client::state::remember(acknowledge answered, intended asked) {
    if (answers.size() == answers_kept) answers.erase(answers.begin());
    answers.push_back({std::move(answered), std::move(asked)});
}

// A page repeats to a new core what the last one did not acknowledge. What that one made of it is in the
// outbox.
void client::state::recall_answer(const kept_op& op) {
    if (op.intent == 0 || op.failed != errc::none) return;
    intended asked;
    asked.intent = op.intent;
    asked.name = op.name;
    asked.text = op.text;
    if (op.kind != change_kind::create) asked.room = op.room;
    switch (op.kind) {
    case change_kind::message: asked.kind = intended::what::send_message; break;
    case change_kind::create: asked.kind = intended::what::create_room; break;
    case change_kind::join: asked.kind = intended::what::join_room; break;
    case change_kind::leave: asked.kind = intended::what::leave_room; break;
    case change_kind::nothing: return;
    }
    acknowledge answered;
    answered.intent = op.intent;
    answered.change = {user, op.id};
    answered.room = op.room;
    remember(std::move(answered), std::move(asked));
}

errc client::state::carry_out(instant now, const intended& fact, acknowledge& answer, client_effects& out) {
    using what = intended::what;
    switch (fact.kind) {
    case what::show_room: rooms.show(fact.room); return errc::none;
    case what::send_message: return send(now, fact, answer);
    case what::save_draft: return save_draft(now, fact);
    case what::create_room: return create_room(now, fact, answer);
    case what::join_room: return join_room(now, fact, answer);
    case what::leave_room: return leave_room(now, fact, answer);
    case what::retry_op: return retry(now, fact, answer, out);
    case what::discard_op:
    case what::copy_back: return discard(now, fact, answer);
    case what::list_rooms: return list_rooms(fact);
    case what::retry_now: link.retry_now(now, out); return errc::none;
    case what::probe: judge(now, pulse.probe(now), out); return errc::none;
    case what::load_older:
    case what::mark_read:
    case what::list_members: break;
    }
    auto* room = rooms.find(fact.room);
    if (!room) return errc::no_such_room;
    if (fact.kind == what::mark_read) rooms.mark_read(*room);
    if (fact.kind == what::list_members) rooms.list_members(*room);
    if (fact.kind != what::load_older) return errc::none;
    if (room->log.rows().size() + limits::page_events > limits::timeline_events) return errc::too_large;
    rooms.load_older(*room);
    return errc::none;
}

const acknowledge* client::state::answered_before(const intended& fact) const {
    if (fact.intent == 0) return nullptr;
    for (const auto& one : answers)
        if (same(one.asked, fact)) return &one.answer;
    return nullptr;
}

errc client::state::put(instant now, kept_op op, acknowledge& answer, bool offered) {
    answer.room = op.room;
    op.intent = answer.intent;
    auto& room = rooms.hold(op.room);
    auto* held = box.put(std::move(op), room.log.w(), now.mono_ms);
    if (!held) return errc::outbox_full;
    held->offered = offered;
    answer.change = {user, held->id()};
    return errc::none;
}

errc client::state::send(instant now, const intended& fact, acknowledge& answer) {
    if (fact.room.is_zero()) return errc::no_such_room;
    if (auto ok = check_message(fact.text); !ok) return ok.code;
    if (!rooms.may_write(fact.room)) return errc::not_member;
    kept_op op;
    op.room = fact.room;
    op.kind = change_kind::message;
    op.text = fact.text;
    const auto* draft = typed.find(fact.room);
    // What an earlier life may have sent under this id is this very text, and is not sent twice.
    const bool sent = draft && draft->recalled;
    const auto takes = [&](op_id id) { return check_op_id(id, clock.now_ms(now)) && !box.find(id); };
    const bool usable = draft && (!sent || draft->text == fact.text) && takes(draft->id);
    // The page names the op, so that one which it repeats to another worker is the same.
    op.id = usable                                               ? draft->id
            : !fact.change.op.is_zero() && takes(fact.change.op) ? fact.change.op
                                                                 : op_id{clock.next_id(now)};
    const auto code = put(now, std::move(op), answer, usable && sent);
    if (code == errc::none) typed.drop(fact.room);
    return code;
}

errc client::state::save_draft(instant now, const intended& fact) {
    if (fact.room.is_zero()) return errc::no_such_room;
    if (fact.text.size() > draft_bytes) return errc::too_large;
    if (auto ok = check_text(fact.text); !ok) return ok.code;
    typed.save(fact.room, fact.text, fact.change.op.is_zero() ? op_id{clock.next_id(now)} : fact.change.op);
    return errc::none;
}

errc client::state::list_rooms(const intended& fact) {
    if (fact.text.size() > limits::request_key_bytes) return errc::too_large;
    if (auto ok = check_text(fact.text); !ok) return ok.code;
    rooms.list_rooms(fact.text);
    return errc::none;
}

errc client::state::create_room(instant now, const intended& fact, acknowledge& answer) {
    if (auto ok = check_room_name(fact.name); !ok) return ok.code;
    if (auto ok = check_topic(fact.text); !ok) return ok.code;
    kept_op op;
    op.room = room_id{clock.next_id(now)};
    op.id = op_id{clock.next_id(now)};
    op.kind = change_kind::create;
    op.name = fact.name;
    op.text = fact.text;
    auto& room = rooms.hold(op.room);
    room.facts.name = fact.name;
    room.facts.topic = fact.text;
    return put(now, std::move(op), answer);
}

errc client::state::join_room(instant now, const intended& fact, acknowledge& answer) {
    if (fact.room.is_zero()) return errc::no_such_room;
    const auto* room = rooms.find(fact.room);
    if (room && room->facts.joined) return errc::none;
    if (rooms.entering(fact.room)) return errc::none;
    kept_op op;
    op.room = fact.room;
    op.id = op_id{clock.next_id(now)};
    op.kind = change_kind::join;
    rooms.name_from_listing(fact.room);
    return put(now, std::move(op), answer);
}

errc client::state::leave_room(instant now, const intended& fact, acknowledge& answer) {
    const auto* room = rooms.find(fact.room);
    if (!room) return errc::no_such_room;
    if (!room->facts.may_leave) return errc::must_stay;
    kept_op op;
    op.room = fact.room;
    op.id = op_id{clock.next_id(now)};
    op.kind = change_kind::leave;
    return put(now, std::move(op), answer);
}

errc client::state::retry(instant now, const intended& fact, acknowledge& answer, client_effects& out) {
    auto* op = own_op(fact.change);
    if (!op) return errc::not_found;
    if (op->stage != op_stage::failed) {
        if (auto* lane = box.lane_of(*op)) lane->wait_until_ms = 0;
        link.retry_now(now, out);
        answer.change = fact.change;
        answer.room = op->room();
        return errc::none;
    }
    kept_op again = op->kept;
    again.id = op_id{clock.next_id(now)};
    again.failed = errc::none;
    again.discard = false;
    box.discard(*op);
    return put(now, std::move(again), answer);
}

errc client::state::discard(instant now, const intended& fact, acknowledge& answer) {
    auto* op = own_op(fact.change);
    if (!op) return errc::not_found;
    answer.change = fact.change;
    answer.room = op->room();
    if (fact.kind == intended::what::copy_back && op->kept.kind == change_kind::message) {
        const auto* draft = typed.find(op->room());
        auto text = draft ? joined({op->kept.text, "\n", draft->text}) : op->kept.text;
        typed.save(op->room(), std::move(text), op_id{clock.next_id(now)});
    }
    box.discard(*op);
    return errc::none;
}

outbox_op* client::state::own_op(const change_id& change) {
    return change.author == user ? box.find(change.op) : nullptr;
}

}  // namespace parley
