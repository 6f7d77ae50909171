#include "server/hub/payload_hash.hpp"
#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {
namespace {

bool wait_for(lane_wait& wait, lane_wait::reason why, std::uint64_t w = 0) {
    wait.why = why;
    wait.w = w;
    return false;
}

}  // namespace

bool hub::state::judge_op(room& where, asker who, asked& what, wire::op& op, lane_wait& wait) {
    if (what.wants_log) {
        what.wants_log = false;
        return wait_for(wait, lane_wait::reason::log_end);
    }
    if (what.wants_store) {
        if (!look_up(where, who, what, {{what.author, op.id}}, look::stage::store, wait)) return false;
        const auto found = std::exchange(what.found, nullptr);
        if (found->at == look::stage::failed) {
            answer_later(who, op, errc::busy, busy_retry_ms);
            return true;
        }
        if (found->stored[0].seq != 0) {
            answer_repeat(where, who, op, found->stored[0]);
            return true;
        }
        what.wants_store = false;
        what.floor = std::max(what.floor, found->head);
    }
    return judge_rights(where, who, what, op, wait);
}

bool hub::state::judge_rights(room& where, asker who, asked& what, wire::op& op, lane_wait& wait) {
    const auto& fold = where.fold;
    const auto person = fold.standing_of(what.author);
    if (where.join_asked(what.author)) return wait_for(wait, lane_wait::reason::answer);
    const auto refuse = [&](errc code) { return refuse_rights(where, who, what, op, code, wait); };

    if (answer_buried(who, what, op)) return true;
    if (what.stale) return refuse(errc::bad_op_id);
    if (op.kind == change_kind::nothing) {
        if (fold.exists() || fold.head() > 0) return give(where, who, what, op, errc::discarded);
        bury({what.author, op.id}, errc::discarded);
        return answer_buried(who, what, op);
    }
    if (op.kind == change_kind::create) {
        if (fold.exists() || fold.head() > fold.w()) return refuse(errc::room_exists);
        return give(where, who, what, op);
    }
    if (person.joining != 0) return wait_for(wait, lane_wait::reason::settled, person.joining);
    if (!fold.exists()) return refuse(errc::no_such_room);
    const bool member = fold.member(what.author);
    if (op.kind == change_kind::message) {
        if (!member) return refuse(errc::not_member);
        if (!pay(who, what, op)) return true;
        return give(where, who, what, op);
    }
    if (op.kind == change_kind::join) {
        return member ? keep_unchanged(where, who, what, op) : give(where, who, what, op);
    }
    if (person.leaving != 0) return wait_for(wait, lane_wait::reason::settled, person.leaving);
    if (!member) return keep_unchanged(where, who, what, op);
    if (where.id == general_room) return refuse(errc::must_stay);
    return give(where, who, what, op);
}

/// Not before the log is read on, nor if the change has a place already (L13). A repeat is refused by a void,
/// so that no other copy of it can be placed later (L8).
bool hub::state::refuse_rights(room& where, asker who, asked& what, wire::op& op, errc code,
                               lane_wait& wait) {
    if (!what.read_on) {
        what.read_on = true;
        return wait_for(wait, lane_wait::reason::log_end);
    }
    std::vector<change_id> changes{{what.author, op.id}};
    if (!op.after.is_zero()) changes.push_back({what.author, op.after});
    if (!look_up(where, who, what, std::move(changes), look::stage::window, wait)) return false;

    const auto found = std::exchange(what.found, nullptr);
    const auto place = [&](std::size_t i) {
        return found->window[i].seq != 0 || found->stored.empty() ? found->window[i] : found->stored[i];
    };
    if (found->at == look::stage::failed) {
        answer_later(who, op, errc::busy, busy_retry_ms);
    } else if (place(0).seq != 0) {
        answer_repeat(where, who, op, place(0));
    } else if (!op.after.is_zero() && place(1).seq == 0) {
        answer_later(who, op, errc::after_missing);
    } else if (where.fold.exists() && (what.stale || (op.again && code == errc::not_member))) {
        // A void costs nothing, or messages behind it that are refused for now would take its tokens for
        // ever.
        if (op.kind == change_kind::nothing || pay(who, what, op)) {
            what.floor = std::max(what.floor, found->head);
            note_refused(where.id, who, code);
            return give(where, who, what, op, code);
        }
    } else {
        if (op.again && !where.fold.exists()) bury({what.author, op.id}, code);
        answer_rejected(who, op, code);
    }
    return true;
}

/// A join or leave that changes nothing takes a place all the same, with a void: another copy of it may still
/// be under way, or come from a device that has not written down yet that it is done, and would change
/// something later (L2). Over HTTP only a repeat can be meant by that.
bool hub::state::keep_unchanged(room& where, asker who, asked& what, wire::op& op) {
    if (who.http && !op.again) return answer_unchanged(who, op);
    if (!pay(who, what, op)) return true;
    return give(where, who, what, op, errc::unchanged);
}

/// There is no room that could have a void. While this hub remembers it, no other copy of the op is let
/// through.
void hub::state::bury(const change_id& id, errc code) {
    constexpr std::size_t most = 256;
    if (buried.size() >= most) buried.erase(buried.begin());
    buried.emplace_back(id, code);
}

bool hub::state::answer_buried(asker who, const asked& what, const wire::op& op) {
    const change_id id{what.author, op.id};
    const auto is_it = [&](const auto& one) { return one.first == id; };
    const auto found = std::find_if(buried.begin(), buried.end(), is_it);
    if (found == buried.end()) return false;
    if (found->second != errc::discarded) {
        answer_rejected(who, op, found->second);
        return true;
    }
    wire::op_reply reply{op.id, op.room, op.offer, outcome::committed};
    reply.code = errc::discarded;
    answer(who, reply);
    return true;
}

/// Takes a token of the author's limiter, once for each op; else answers and returns false.
bool hub::state::pay(asker who, asked& what, const wire::op& op) {
    auto* user = sessions.find_user(what.author);
    if (what.paid || !user) return true;
    if (const auto wait_ms = user->messages.take(now.mono_ms); wait_ms > 0) {
        answer_later(who, op, errc::rate_limited, wait_ms);
        return false;
    }
    what.paid = true;
    return true;
}

/// Texts go with the item, and come back with it if it is not placed.
bool hub::state::give(room& where, asker who, asked& what, wire::op& op, errc void_code) {
    if (next_items.size() >= limits::hub_next_ops) {
        answer_later(who, op, errc::busy, busy_retry_ms);
        return true;
    }
    auto& item = next_items.emplace_back();
    item.hash = payload_hash(config.payload_key, op);
    auto& event = item.event;
    event.room = where.id;
    event.id = {what.author, op.id};
    event.author_name = name_of(who);
    event.time_ms = now.wall_ms;
    if (void_code != errc::none) {
        event.code = void_code;
    } else {
        event.kind = op.kind;
        if (op.kind == change_kind::create) event.name = std::move(op.name);
        if (op.kind == change_kind::create || op.kind == change_kind::message)
            event.text = std::move(op.text);
    }
    item.after = op.after;
    item.since = std::max(op.since, what.floor);
    item.base = where.fold.w();
    item.fence = where.fold.fence();
    item.fences = event.kind == change_kind::leave;

    ++where.in_flight;
    if (event.kind == change_kind::create || event.kind == change_kind::join) {
        where.joins_asked.push_back(what.author);
    }
    next_offers.push_back({&where, who, event.kind, std::move(what)});
    return true;
}

void hub::state::emit_appends() {
    if (appending || next_items.empty()) return;
    appending = true;
    given.swap(next_offers);
    given_epoch = epoch;
    out->appends.push_back({epoch, std::exchange(next_items, {})});
}

}  // namespace parley
