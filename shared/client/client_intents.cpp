#include "shared/base/limits.hpp"
#include "shared/client/client_state.hpp"
#include "shared/wire/validate.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

constexpr std::size_t answers_kept = 256;
constexpr std::size_t draft_bytes = 64 * 1024;

acknowledge answer(const intended& fact, errc code = errc::none) {
    acknowledge answer;
    answer.intent = fact.intent;
    answer.code = code;
    answer.room = fact.room;
    return answer;
}

bool same(const intended& a, const intended& b) {
    return a.intent == b.intent && a.kind == b.kind && a.room == b.room && a.change == b.change &&
           a.name == b.name && a.text == b.text;
}

}  // namespace

void client::state::take(instant now, const intended& fact, client_effects& out) {
    if (const auto* before = answered_before(fact)) {
        out.push_back(*before);
        return;
    }
    using what = intended::what;
    acknowledge answered;
    if (fact.kind == what::retry_op) {
        answered = retry(now, fact, out);
    } else if (fact.kind == what::retry_now) {
        link.retry_now(now, out);
        answered = answer(fact);
    } else if (fact.kind == what::probe) {
        judge(now, pulse.probe(now), out);
        answered = answer(fact);
    } else {
        answered = carry_out(now, fact);
    }
    if (auto* room = rooms.find(answered.room)) room->changed = true;
    out.push_back(answered);
    if (fact.intent != 0) remember(answered, fact);
}

void client::state::remember(acknowledge answered, intended asked) {
    answers.push_back({std::move(answered), std::move(asked)});
    if (answers.size() > answers_kept) answers.pop_front();
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

acknowledge client::state::carry_out(instant now, const intended& fact) {
    using what = intended::what;
    auto* room = rooms.find(fact.room);
    switch (fact.kind) {
    case what::show_room: rooms.show(fact.room); break;
    case what::send_message: return send(now, fact);
    case what::save_draft: return save_draft(now, fact);
    case what::create_room: return create_room(now, fact);
    case what::join_room: return join_room(now, fact);
    case what::leave_room: return leave_room(now, fact);
    case what::discard_op:
    case what::copy_back: return discard(now, fact);
    case what::load_older:
        if (!room) return answer(fact, errc::no_such_room);
        if (room->log.rows().size() + limits::page_events > limits::timeline_events)
            return answer(fact, errc::too_large);
        rooms.load_older(*room);
        break;
    case what::mark_read:
        if (!room) return answer(fact, errc::no_such_room);
        rooms.mark_read(*room);
        break;
    case what::list_rooms: rooms.list_rooms(fact.text); break;
    case what::list_members:
        if (!room) return answer(fact, errc::no_such_room);
        rooms.list_members(*room);
        break;
    case what::retry_op:
    case what::retry_now:
    case what::probe: break;
    }
    return answer(fact);
}

const acknowledge* client::state::answered_before(const intended& fact) const {
    if (fact.intent == 0) return nullptr;
    for (const auto& one : answers)
        if (same(one.asked, fact)) return &one.answer;
    return nullptr;
}

acknowledge client::state::put(instant now, kept_op op, std::uint64_t intent) {
    acknowledge answered;
    answered.intent = intent;
    answered.room = op.room;
    op.intent = intent;
    auto& room = rooms.hold(op.room);
    auto held = box.put(std::move(op), room.log.w(), now.mono_ms);
    if (!held) {
        answered.code = held.error().code;
        return answered;
    }
    answered.change = {user, (*held)->id()};
    return answered;
}

acknowledge client::state::send(instant now, const intended& fact) {
    if (fact.room.is_zero()) return answer(fact, errc::no_such_room);
    if (auto ok = check_message(fact.text); !ok) return answer(fact, ok.error().code);
    if (!rooms.may_write(fact.room)) return answer(fact, errc::not_member);
    kept_op op;
    op.room = fact.room;
    op.kind = change_kind::message;
    op.text = fact.text;
    const auto* draft = box.draft(fact.room);
    const bool usable = draft && check_op_id(draft->id, clock.now_ms(now)) && !box.find(draft->id);
    op.id = usable ? draft->id : op_id{clock.next_id(now)};
    auto answered = put(now, std::move(op), fact.intent);
    if (answered.code == errc::none) box.drop_draft(fact.room);
    return answered;
}

acknowledge client::state::save_draft(instant now, const intended& fact) {
    if (fact.room.is_zero()) return answer(fact, errc::no_such_room);
    if (fact.text.size() > draft_bytes) return answer(fact, errc::too_large);
    if (auto ok = check_text(fact.text); !ok) return answer(fact, ok.error().code);
    box.save_draft(fact.room, fact.text, op_id{clock.next_id(now)});
    return answer(fact);
}

acknowledge client::state::create_room(instant now, const intended& fact) {
    if (auto ok = check_room_name(fact.name); !ok) return answer(fact, ok.error().code);
    if (auto ok = check_topic(fact.text); !ok) return answer(fact, ok.error().code);
    kept_op op;
    op.room = room_id{clock.next_id(now)};
    op.id = op_id{clock.next_id(now)};
    op.kind = change_kind::create;
    op.name = fact.name;
    op.text = fact.text;
    auto& room = rooms.hold(op.room);
    room.facts.name = fact.name;
    room.facts.topic = fact.text;
    return put(now, std::move(op), fact.intent);
}

acknowledge client::state::join_room(instant now, const intended& fact) {
    if (fact.room.is_zero()) return answer(fact, errc::no_such_room);
    const auto* room = rooms.find(fact.room);
    if (room && room->facts.joined) return answer(fact);
    if (rooms.entering(fact.room)) return answer(fact);
    kept_op op;
    op.room = fact.room;
    op.id = op_id{clock.next_id(now)};
    op.kind = change_kind::join;
    rooms.name_from_listing(fact.room);
    return put(now, std::move(op), fact.intent);
}

acknowledge client::state::leave_room(instant now, const intended& fact) {
    const auto* room = rooms.find(fact.room);
    if (!room) return answer(fact, errc::no_such_room);
    if (!room->facts.may_leave) return answer(fact, errc::must_stay);
    kept_op op;
    op.room = fact.room;
    op.id = op_id{clock.next_id(now)};
    op.kind = change_kind::leave;
    return put(now, std::move(op), fact.intent);
}

acknowledge client::state::retry(instant now, const intended& fact, client_effects& out) {
    auto* op = fact.change.author == user ? box.find(fact.change.op) : nullptr;
    if (!op) return answer(fact, errc::not_found);
    if (op->stage != op_stage::failed) {
        if (auto* lane = box.lane_of(*op)) lane->wait_until_ms = 0;
        link.retry_now(now, out);
        auto answered = answer(fact);
        answered.change = fact.change;
        answered.room = op->room();
        return answered;
    }
    kept_op again = op->kept;
    again.id = op_id{clock.next_id(now)};
    again.failed = errc::none;
    again.discard = false;
    box.discard(*op);
    return put(now, std::move(again), fact.intent);
}

acknowledge client::state::discard(instant now, const intended& fact) {
    auto* op = fact.change.author == user ? box.find(fact.change.op) : nullptr;
    if (!op) return answer(fact, errc::not_found);
    auto answered = answer(fact);
    answered.change = fact.change;
    answered.room = op->room();
    if (fact.kind == intended::what::copy_back && op->kept.kind == change_kind::message) {
        const auto* draft = box.draft(op->room());
        auto text = draft ? op->kept.text + "\n" + draft->text : op->kept.text;
        box.save_draft(op->room(), std::move(text), op_id{clock.next_id(now)});
    }
    box.discard(*op);
    return answered;
}

}  // namespace parley
