#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {

room* hub::state::find_room(const room_id& id) {
    const auto found = rooms.find(id);
    return found == rooms.end() ? nullptr : found->second.get();
}

/// The room, loading if it was not in memory.
room& hub::state::wake(const room_id& id) {
    if (auto* where = find_room(id)) return *where;
    while (rooms.size() >= limits::rooms_awake) {
        const auto oldest = sleeps.take_early();
        if (!oldest) break;
        auto* where = find_room(*oldest);
        if (!where) continue;
        where->resting = false;
        if (where->idle()) fall_asleep(*where);
    }
    auto& where = *rooms.emplace(id, std::make_unique<room>(id)).first->second;
    load(where);
    return where;
}

/// What the log has said of it and is not settled is folded upon the snapshot, and what it says from now on.
void hub::state::load(room& where) {
    where.phase = room_phase::loading;
    where.query = query_store({question::about::room, where.id, {}, {}}, load_room{where.id});
    where.heard.clear();
    for (std::size_t i = 0; i < asleep.size(); ++i) {
        if (asleep[i].where == where.id) where.heard.push_back(asleep[i].entry);
    }
}

void hub::state::loaded(const question& about, const query_answered& fact) {
    auto* found = find_room(about.where);
    if (!found || found->awake() || found->query != fact.query) return;
    auto& where = *found;
    const auto* snapshot = std::get_if<loaded_room>(&fact.answer);
    if (!snapshot) return load_failed(where);
    where.fold.load(*snapshot);
    where.told_w = where.fold.w();
    where.untold_voids.clear();
    where.phase = room_phase::awake;
    for (const auto& entry : std::exchange(where.heard, {})) {
        if (!where.awake()) return where.heard.push_back(entry);
        if (std::holds_alternative<placed_entry>(*entry)) {
            place(where, entry);
            continue;
        }
        const auto& settled = std::get<settled_entry>(*entry);
        for (const auto& mark : settled.rooms) {
            if (mark.room == where.id) settle(where, settled, mark.w);
        }
    }
    catch_up(where);
}

/// All that has waited for the fold.
void hub::state::catch_up(room& where) {
    std::vector<session*> readers;
    for (const auto& one : where.readers)
        readers.push_back(one.who);
    for (auto* who : readers) {
        if (where.fold.member(who->user->id)) continue;
        end_following(where, *who, errc::not_member);
        speech.tell(where, *who, describe(where, *who->user));
    }
    for (const auto& user : std::exchange(where.to_tell, {}))
        tell_membership(where, user);
    read_all_on(where);
    advance(where, lane_wait::reason::load);
    for (const auto handle : std::exchange(where.requesters, {})) {
        if (auto* who = sessions.find(handle); who && who->requests) next_request(*who);
    }
    rest(where);
}

void hub::state::load_failed(room& where) {
    note(log_line::level::warn, "room_not_loaded", {}, where.id);
    refuse_waiting(where);
    for (const auto handle : std::exchange(where.requesters, {})) {
        auto* who = sessions.find(handle);
        if (!who || !who->requests || who->requests->waiting.empty()) continue;
        refuse_request(*who, who->requests->waiting.pop_front(), errc::unavailable);
        next_request(*who);
    }
    where.query = 0;
    if (where.requesters.empty() && where.readers.empty() && where.to_tell.empty() && where.in_flight == 0) {
        return fall_asleep(where);
    }
    reloads.put(now.mono_ms, where.id);
}

/// Nobody depends on it any more, or for a while longer.
void hub::state::rest(room& where) {
    if (!where.idle()) return;
    where.idle_since_ms = now.mono_ms;
    if (!std::exchange(where.resting, true)) sleeps.put(now.mono_ms, where.id);
}

void hub::state::fall_asleep(room& where) {
    speech.forget(where);
    if (where.risen) std::erase(risen, &where);
    rooms.erase(room_id{where.id});
}

/// Everything is told again from the store: who follows the room reads on from where it knows the room
/// settled.
void hub::state::reload(room& where) {
    for (auto& one : where.readers) {
        if (one.started) one.truncated = true;
        one.started = false;
        one.query = 0;
        one.paused = false;
    }
    speech.close(where);
    std::vector<session_handle> lost_debts;
    for (const auto& debt : where.owed) {
        auto* to = find_session(debt.who);
        if (debt.who.http) {
            wire::op_reply unknown{debt.op, where.id, debt.offer,           outcome::unknown,
                                   0,       0,        errc::outcome_unknown};
            answer(debt.who, unknown);
        } else if (to && !to->lives_in(where)) {
            lost_debts.push_back(to->handle);
        }
    }
    where.owed.clear();
    where.owed_live.clear();
    std::sort(lost_debts.begin(), lost_debts.end());
    lost_debts.erase(std::unique(lost_debts.begin(), lost_debts.end()), lost_debts.end());
    for (const auto handle : lost_debts)
        speech.tell(*sessions.find(handle), wire::lost{epoch});

    for (const auto& one : std::exchange(where.live, {})) {
        reader again;
        again.who = one.who;
        again.at = std::max(where.told_w, one.told_w);
        again.truncated = true;
        std::erase(one.who->live, &where);
        one.who->reading.push_back(&where);
        where.readers.push_back(again);
    }
    // A reload may swallow a join, or give back what was taken.
    for (const auto& user : where.fold.people()) {
        if (sessions.find_user(user)) where.to_tell.push_back(user);
    }
    std::sort(where.to_tell.begin(), where.to_tell.end());
    where.to_tell.erase(std::unique(where.to_tell.begin(), where.to_tell.end()), where.to_tell.end());
    auto unasked = withdraw_next({&where});
    where.joins_asked.clear();
    for (auto& one : where.lanes) {
        one->wait = {lane_wait::reason::load, {}, false, 0, 0};
        for (auto& what : one->queue) {
            what.found.reset();
            what.read_on = false;
            what.stored_head = 0;
        }
    }
    load(where);
    for (auto& one : unasked) {
        one.what.found.reset();
        one.what.read_on = false;
        one.what.stored_head = 0;
    }
    take_back(std::move(unasked));
}

void hub::state::reload_all() {
    std::vector<room*> all;
    for (const auto& [id, where] : rooms)
        all.push_back(where.get());
    std::sort(all.begin(), all.end(), [](const room* a, const room* b) { return a->id < b->id; });
    for (auto* where : all)
        reload(*where);
}

}  // namespace parley
