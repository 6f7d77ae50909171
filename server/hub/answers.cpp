#include "server/hub/payload_hash.hpp"
#include "server/hub/state.hpp"
#include "shared/base/assert.hpp"

#include <algorithm>

namespace parley {
namespace {

wire::op_reply reply_to(const wire::op& op, outcome what) {
    return {op.id, op.room, op.offer, what, 0, 0, errc::none, 0, op.kind, 0};
}

/// What `give` took, unless it gave a void.
void take_back_texts(wire::op& op, const wire::event& event) {
    if (event.kind == change_kind::nothing) return;
    op.name = event.name;
    op.text = event.text;
}

std::string_view event_name(change_kind kind) {
    switch (kind) {
    case change_kind::create: return "create_room";
    case change_kind::join: return "join_room";
    case change_kind::leave: return "leave_room";
    default: return {};
    }
}

}  // namespace

void hub::state::take(const appended& fact) {
    PARLEY_ASSERT(appending && fact.answers.size() == given.size() && fact.items.size() == given.size());
    appending = false;
    std::vector<offer> offers;
    offers.swap(given);
    std::vector<room*> halting;
    std::vector<offer> returned;
    broken_lanes broken;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        auto& one = offers[i];
        const auto what = fact.answers[i].what;
        const bool later = what == judgement::busy || what == judgement::after_missing;
        if (later) {
            broken.emplace_back(one.who, std::get<wire::op>(one.what.what).id);
            halting.push_back(one.where);
        }
        if (take_answer(one, fact.items[i], fact.answers[i])) continue;
        take_back_texts(std::get<wire::op>(one.what.what), fact.items[i].event);
        halting.push_back(one.where);
        if (!refuse_behind(one, broken)) returned.push_back(std::move(one));
    }
    for (auto& behind : withdraw_next(halting)) {
        if (!refuse_behind(behind, broken)) returned.push_back(std::move(behind));
    }
    take_back(std::move(returned));
    for (const auto& one : offers) {  // of what went back its room is left here
        advance(*one.where, lane_wait::reason::answer);
        rest(*one.where);
    }
    offers.clear();
    if (given.empty()) given.swap(offers);
}

/// False if the op must be judged again.
bool hub::state::take_answer(offer& one, const append_item& item, const append_answer& got) {
    auto& where = *one.where;
    const auto& op = std::get<wire::op>(one.what.what);
    --where.in_flight;
    // Of those that are placed the log tells.
    if (got.what != judgement::placed || got.at.epoch != epoch) forget_asked(one);
    if (outdated(where, item, got)) {
        answer_later(one.who, op, errc::busy, busy_retry_ms);
        return true;
    }
    switch (got.what) {
    case judgement::placed: take_placed(where, one.who, op, got.at); return true;
    case judgement::duplicate: answer_standing(where, one.who, op, got.at); return true;
    case judgement::conflict: answer_rejected(one.who, op, errc::conflict); return true;
    case judgement::after_missing: answer_later(one.who, op, errc::after_missing); return true;
    case judgement::busy: answer_later(one.who, op, errc::busy, busy_retry_ms); return true;
    case judgement::ask: one.what.wants_store = true; return false;
    case judgement::stale: one.what.wants_log = true; return false;
    case judgement::skipped: return false;
    case judgement::lost: lost |= given_epoch == epoch; return false;
    }
    return true;
}

/// What follows in its lane what has just been refused can't be placed before that is offered again.
bool hub::state::refuse_behind(const offer& one, broken_lanes& broken) {
    const auto& op = std::get<wire::op>(one.what.what);
    const auto follows = [&](const auto& link) { return link.first == one.who && link.second == op.after; };
    if (std::none_of(broken.begin(), broken.end(), follows)) return false;
    broken.emplace_back(one.who, op.id);
    answer_later(one.who, op, errc::after_missing);
    return true;
}

/// The place that it names may be no more, or be a void since; the op is offered again and finds out.
bool hub::state::outdated(const room& where, const append_item& item, const append_answer& got) const {
    const bool stands =
        got.what == judgement::placed || got.what == judgement::duplicate || got.what == judgement::conflict;
    if (!stands) return false;
    const auto seq = got.at.seq;
    const bool settled_since = seq > item.base && seq <= where.fold.w();
    return got.at.epoch != epoch || !where.awake() || (settled_since && !where.fold.at(seq));
}

void hub::state::forget_asked(offer& one) {
    if (one.kind != change_kind::create && one.kind != change_kind::join) return;
    auto& joins = one.where->joins_asked;
    const auto found = std::find(joins.begin(), joins.end(), one.what.author);
    if (found != joins.end()) joins.erase(found);
}

/// What the backbone was to be asked next of these rooms must be judged again.
std::vector<hub::state::offer> hub::state::withdraw_next(const std::vector<room*>& from) {
    std::vector<offer> withdrawn;
    if (from.empty()) return withdrawn;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < next_offers.size(); ++i) {
        auto& one = next_offers[i];
        if (std::find(from.begin(), from.end(), one.where) == from.end()) {
            if (kept != i) {
                next_offers[kept] = std::move(one);
                next_items[kept] = std::move(next_items[i]);
            }
            ++kept;
            continue;
        }
        --one.where->in_flight;
        forget_asked(one);
        take_back_texts(std::get<wire::op>(one.what.what), next_items[i].event);
        withdrawn.push_back(std::move(one));
    }
    next_offers.resize(kept);
    next_items.resize(kept);
    return withdrawn;
}

/// Back to the fronts of their lanes, in the order in which they were given.
void hub::state::take_back(std::vector<offer> returned) {
    for (auto one = returned.rbegin(); one != returned.rend(); ++one) {
        auto& where = *one->where;
        if (gone(one->who)) continue;
        auto* back = where.lane_of(one->who);
        if (!back) {
            back = where.lanes.emplace_back(std::make_unique<lane>()).get();
            back->who = one->who;
        }
        const auto newer = [&](const asked& waiting) { return same_op(waiting, one->what); };
        if (std::any_of(back->queue.begin(), back->queue.end(), newer)) continue;
        // What was asked for the former front is asked again when it is the front again.
        if (!back->queue.empty()) back->queue.front().found.reset();
        back->queue.push_front(std::move(one->what));
        back->wait = {};
        if (auto* from = find_session(back->who)) ++from->waiting_ops;
    }
    for (const auto& one : returned)
        advance(*one.where, lane_wait::reason::nothing);
}

void hub::state::take_placed(room& where, asker who, const wire::op& op, const standing& at) {
    ++ops;
    if (const auto event = event_name(at.kind); !event.empty()) {
        note(log_line::level::info, event, who, where.id);
    }
    if (const auto found = http_ops.find(who.id); who.http && found != http_ops.end())
        found->second.placed = true;
    if (at.seq <= where.fold.w()) {
        ++stored;
        return answer_standing(where, who, op, at);
    }
    where.owed.push_back({who, op.id, at.seq, op.offer, at.kind, true});
    const auto* from = find_session(who);
    if (from && !from->lives_in(where)) tell_placed(who, op, at);
}

void hub::state::tell_placed(asker who, const wire::op& op, const standing& at) {
    auto reply = reply_to(op, outcome::placed);
    reply.seq = at.seq;
    reply.epoch = at.epoch;
    reply.kind = at.kind;
    reply.code = at.code;
    reply.time_ms = at.time_ms;
    answer(who, reply);
}

/// The change has that place, with the same payload or another.
void hub::state::answer_repeat(room& where, asker who, const wire::op& op, const standing& at) {
    const bool either_void = at.kind == change_kind::nothing || op.kind == change_kind::nothing;
    if (either_void || at.hash == payload_hash(config.payload_key, op))
        return answer_standing(where, who, op, at);
    answer_rejected(who, op, errc::conflict);
}

void hub::state::answer_standing(room& where, asker who, const wire::op& op, const standing& at) {
    if (at.seq > where.fold.w()) {
        owe(where, who, op, at);
        return tell_placed(who, op, at);
    }
    auto reply = reply_to(op, outcome::committed);
    reply.seq = at.seq;
    reply.epoch = at.epoch;
    reply.kind = at.kind;
    reply.code = at.code;
    reply.time_ms = at.time_ms;
    auto duplicate_of = at.duplicate_of;
    if (const auto* event = where.fold.at(at.seq); event && event->id.op == op.id) {
        reply.kind = event->kind;
        reply.code = event->code;
        duplicate_of = event->duplicate_of;
    }
    if (duplicate_of != 0) {
        reply.seq = duplicate_of;
        reply.kind = op.kind == change_kind::nothing ? change_kind::message : op.kind;
        reply.code = errc::none;
    }
    answer(who, reply);
}

bool hub::state::answer_unchanged(asker who, const wire::op& op) {
    answer(who, reply_to(op, outcome::committed));
    return true;
}

void hub::state::answer_later(asker who, const wire::op& op, errc code, std::int64_t retry_ms) {
    ++refused[code];
    auto reply = reply_to(op, outcome::later);
    reply.code = code;
    reply.retry_ms = static_cast<std::uint32_t>(retry_ms);
    answer(who, reply);
}

void hub::state::answer_rejected(asker who, const wire::op& op, errc code) {
    note_refused(op.room, who, code);
    auto reply = reply_to(op, outcome::rejected);
    reply.code = code;
    answer(who, reply);
}

void hub::state::answer(asker who, const wire::op_reply& reply) {
    if (auto* to = find_session(who)) {
        if (auto* where = find_room(reply.room)) return speech.tell(*where, *to, reply);
        return speech.tell(*to, reply);
    }
    if (!who.http || reply.outcome == outcome::placed) return;
    const auto found = http_ops.find(who.id);
    if (found == http_ops.end()) return;
    out->answers.push_back({who.id, reply, !found->second.placed});
    auto& user = *found->second.user;
    http_ops.erase(found);
    --user.http_ops;
    rest(user);
}

void hub::state::owe(room& where, asker who, const wire::op& op, const standing& at) {
    for (auto& debt : where.owed) {
        if (debt.who == who && debt.op == op.id) {
            debt.seq = at.seq;
            debt.offer = op.offer;
            return;
        }
    }
    where.owed.push_back({who, op.id, at.seq, op.offer, at.kind});
}

/// Tells verdicts up to W. Who follows the room hears of it by the watermark, at the end of this turn.
void hub::state::pay_debts(room& where) {
    const auto w = where.fold.w();
    std::vector<owed_verdict> to_tell;
    std::erase_if(where.owed, [&](const owed_verdict& debt) {
        if (debt.seq > w) return false;
        if (debt.counts) ++stored;
        const auto* to = find_session(debt.who);
        if (!to || !to->lives_in(where)) {
            to_tell.push_back(debt);
        } else if (where.owed_live.empty() || where.owed_live.back() != to->handle) {
            where.owed_live.push_back(to->handle);
        }
        return true;
    });
    for (const auto& debt : to_tell)
        pay_debt(where, debt);
}

void hub::state::pay_debt(room& where, const owed_verdict& debt) {
    wire::op op;
    op.id = debt.op;
    op.room = where.id;
    op.offer = debt.offer;
    op.kind = debt.kind;
    standing at{debt.seq, epoch, 0, 0, debt.kind, errc::none, 0};
    if (const auto* event = where.fold.at(debt.seq)) {
        at = {event->seq, event->epoch, 0, event->time_ms, event->kind, event->code, event->duplicate_of};
    }
    answer_standing(where, debt.who, op, at);
}

}  // namespace parley
