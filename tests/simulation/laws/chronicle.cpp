#include "tests/simulation/laws/chronicle.hpp"

#include "shared/wire/codec.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

const std::vector<chronicle::place> nothing_yet;

const std::vector<chronicle::place>& of_room(const std::map<room_id, std::vector<chronicle::place>>& all,
                                             room_id room) {
    const auto at = all.find(room);
    return at == all.end() ? nothing_yet : at->second;
}

bool enters(change_kind kind) {
    return kind == change_kind::create || kind == change_kind::join;
}

}  // namespace

op_story* chronicle::story_of(const change_id& change) {
    const auto at = ops_.find(change);
    return at == ops_.end() ? nullptr : &at->second;
}

void chronicle::excuse(const change_id& change, const std::string& why) {
    if (auto* story = story_of(change)) story->excuse = why;
}

void chronicle::renamed(const change_id& from, const change_id& to) {
    auto node = ops_.extract(from);
    if (!node) return;
    node.key() = to;
    names_.insert(to);
    node.mapped().op.change = to;
    ops_.insert(std::move(node));
}

void chronicle::told(const change_id& change, said verdict, errc reason) {
    auto* story = story_of(change);
    if (!story) return;
    const bool same =
        story->told == said::nothing || (story->told == said::stored) == (verdict == said::stored);
    require(same || restores_ > 0, "L2 one verdict",
            "two verdicts for op " + to_text(change.op) + " " + story->op.text);
    if (story->told != said::nothing) return;
    story->told = verdict;
    story->reason = reason;
}

const std::vector<chronicle::place>& chronicle::history(room_id room) const {
    return of_room(history_, room);
}

const std::vector<chronicle::place>& chronicle::provisional(room_id room) const {
    return of_room(provisional_, room);
}

const chronicle::place* chronicle::stored_at(const change_id& change) const {
    const auto at = stands_.find(change);
    return at == stands_.end() ? nullptr : &history_.at(at->second.first)[at->second.second - 1];
}

const chronicle::place* chronicle::placed_at(const change_id& change) const {
    const auto at = places_.find(change);
    if (at == places_.end()) return nullptr;
    for (const auto& one : provisional(at->second.first))
        if (one.event.seq == at->second.second) return &one;
    return nullptr;
}

bool chronicle::ever(room_id room, std::uint64_t seq, const change_id& change, change_kind kind) const {
    const auto at = ever_.find({room, seq});
    return at != ever_.end() && std::any_of(at->second.begin(), at->second.end(), [&](const past& p) {
               return p.change == change && p.kind == kind;
           });
}

bool chronicle::ever_void(room_id room, std::uint64_t seq) const {
    const auto at = ever_.find({room, seq});
    return at != ever_.end() && std::any_of(at->second.begin(), at->second.end(),
                                            [](const past& p) { return p.kind == change_kind::nothing; });
}

bool chronicle::member(room_id room, user_id user) const {
    bool in = false;
    for (const auto& [event, at] : history(room)) {
        if (!(event.id.author == user)) continue;
        if (enters(event.kind)) in = true;
        if (event.kind == change_kind::leave) in = false;
    }
    for (const auto& [event, at] : provisional(room))
        if (event.id.author == user && event.kind == change_kind::leave) in = false;
    return in;
}

std::uint64_t chronicle::left_at(room_id room, user_id user) const {
    std::uint64_t left = 0;
    for (const auto& [event, at] : history(room)) {
        if (!(event.id.author == user)) continue;
        if (enters(event.kind)) left = 0;
        if (event.kind == change_kind::leave) left = event.seq;
    }
    for (const auto& [event, at] : provisional(room))
        if (event.id.author == user && event.kind == change_kind::leave) left = event.seq;
    return left;
}

// ---- what happens

void chronicle::watch(durable_store& store) {
    store_ = &store;
    const auto page = store.now().read_after(general_room, 0, 1);
    require(page.has_value(), "store", "can't be read");
    for (const auto& event : page->events)
        stored(event);
}

void chronicle::epoch_begun(std::uint64_t epoch) {
    epoch_ = epoch;
    provisional_.clear();
    places_.clear();
}

void chronicle::judged(const append_item& item, const append_answer& answer) {
    if (answer.what != judgement::placed) return;
    auto event = item.event;
    event.seq = answer.at.seq;
    event.epoch = answer.at.epoch;
    places_[event.id] = {event.room, event.seq};
    provisional_[event.room].push_back({std::move(event), around_.clock.now_ms()});
}

void chronicle::stored(const wire::event& event) {
    auto& log = history_[event.room];
    if (event.seq <= log.size()) return;  // the same batch once more
    require(event.seq == log.size() + 1, "L3 one order",
            "the store has a hole below " + std::to_string(event.seq));
    log.push_back({event, around_.clock.now_ms()});
    auto& open = provisional_[event.room];
    if (!open.empty() && open.front().event.seq == event.seq) {
        places_.erase(open.front().event.id);
        open.erase(open.begin());
    }
    ever_[{event.room, event.seq}].push_back({event.id, event.kind});
    if (event.kind == change_kind::nothing && (event.code == errc::duplicate || event.code == errc::conflict))
        return;
    stands_[event.id] = {event.room, event.seq};
    seen_.insert(event.id);
}

void chronicle::restored() {
    ++restores_;
    for (auto& [room, log] : history_) {
        const auto page = store_->now().read_before(room, 0, 1);
        require(page.has_value(), "store", "can't be read");
        for (auto seq = page->head; seq < log.size(); ++seq) {
            stands_.erase(log[seq].event.id);
            excuse(log[seq].event.id, "an older copy of the store was put in its place");
        }
        log.resize(std::min<std::size_t>(log.size(), page->head));
    }
}

void chronicle::composed(tab& where, const composed_op& op) {
    require(op.change.author == where.owner().user, "L1 identity",
            where.label() + " made an op of another author");
    const auto [made, first_of_intent] = by_intent_.emplace(op.intent, op.change);
    if (!first_of_intent) {
        if (made->second == op.change) return;
        // Of a worker that died before it carried anything out.
        const auto& before = ops_.at(made->second);
        require(!before.excuse.empty() && !ever_stored(made->second) && !placed_at(made->second),
                "L7 idempotence", where.label() + " made two ops of one wish");
        made->second = op.change;
    }
    const auto [at, fresh] = ops_.emplace(op.change, op_story{});
    require(fresh, "L1 identity", "an op id was made twice: " + to_text(op.change.op));
    names_.insert(op.change);
    at->second.op = op;
    at->second.order = ++composed_;
    if (const auto* before = story_of(op.instead_of)) at->second.op.text = before->op.text;
}

void chronicle::stepped(tab& where, const client_fact& fact, const client_effects& effects) {
    const auto* wish = std::get_if<intended>(&fact);
    if (wish && (wish->kind == intended::what::discard_op || wish->kind == intended::what::copy_back))
        if (auto* story = story_of(wish->change)) story->let_go = true;
    note_offers(where.owner().user, effects);
}

void chronicle::told(const seen_session& who, const wire::frame_down& frame) {
    const auto* reply = std::get_if<wire::op_reply>(&frame);
    if (!reply || reply->outcome != outcome::rejected) return;
    if (auto* story = story_of({who.user, reply->op})) story->turned_down = true;
}

void chronicle::note_offers(user_id author, const client_effects& effects) {
    for (const auto& effect : effects) {
        const auto* sent = std::get_if<send_bytes>(&effect);
        if (!sent) continue;
        wire::frame_reader frames{sent->message};
        for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
            const auto read = wire::decode_up(frame);
            const auto* op = read ? std::get_if<wire::op>(&*read) : nullptr;
            if (!op) continue;
            if (auto* story = story_of({author, op->id})) story->offered = true;
        }
    }
}

}  // namespace parley::simulation
