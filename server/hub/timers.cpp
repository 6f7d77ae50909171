#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {

void hub::state::take(const deadline_passed&) {
    while (const auto handle = hellos.take(now.mono_ms)) {
        auto* who = sessions.find(*handle);
        if (who && who->phase == session_phase::opened) {
            refuse(*who, {errc::out_of_order, "no hello in time"}, close_code::policy_violation);
        }
    }
    end_expired();
    while (const auto login = ended_until.take(now.mono_ms))
        lately_ended.erase(*login);
    while (const auto id = watermarks.take(now.mono_ms)) {
        auto* where = find_room(*id);
        if (!where || !std::exchange(where->watermark_due, false)) continue;
        if (where->awake() && where->told_w < where->fold.w()) tell_watermark(*where);
    }
    while (const auto token = http_deadlines.take(now.mono_ms)) {
        if (const auto found = http_ops.find(*token); found != http_ops.end()) {
            answer({*token, true}, wire::op_reply{found->second.unknown});
        }
    }
    while (const auto id = reloads.take(now.mono_ms)) {
        auto* where = find_room(*id);
        if (where && !where->awake() && where->query == 0) load(*where);
    }
    while (const auto id = sleeps.take(now.mono_ms)) {
        auto* where = find_room(*id);
        if (!where) continue;
        where->resting = false;
        if (!where->idle()) continue;
        if (now.mono_ms - where->idle_since_ms >= limits::room_sleep_ms) {
            fall_asleep(*where);
        } else {
            where->resting = true;
            sleeps.put(now.mono_ms, where->id);
        }
    }
    while (const auto user = leaving.take(now.mono_ms))
        sessions.end_leave(*user, now.mono_ms - limits::offline_after_ms);
    while (const auto user = forgetting.take(now.mono_ms))
        sessions.forget(*user, now.mono_ms - forgetting.delay_ms());
    resume_paused();
}

std::optional<deadline_ms> hub::state::next_expiry() const {
    if (expiries.empty()) return {};
    return now.mono_ms + std::max<std::int64_t>(0, expiries.begin()->first - now.wall_ms);
}

std::optional<deadline_ms> hub::state::deadline() const {
    std::optional<deadline_ms> first;
    for (const auto next :
         {hellos.next(), watermarks.next(), http_deadlines.next(), reloads.next(), sleeps.next(),
          leaving.next(), forgetting.next(), ended_until.next(), next_expiry()}) {
        if (next && (!first || *next < *first)) first = next;
    }
    // Readers that paused only because of what this turn has said go on in the next.
    if (resume_now) first = std::min(first.value_or(now.mono_ms), now.mono_ms);
    return first;
}

void hub::state::take(const query_answered& fact) {
    const auto node = questions.extract(fact.query);
    if (!node) return;
    const auto& about = node.mapped();
    switch (about.what) {
    case question::about::room: return loaded(about, fact);
    case question::about::lane: return stored_found(about, fact);
    case question::about::cursor: return cursor_read(about, fact);
    case question::about::page: return page_read(about, fact);
    case question::about::request: return request_answered(about, fact);
    case question::about::greeting: break;
    }
    auto* who = sessions.find(about.who.id);
    if (!who) return;
    who->listing = false;
    if (const auto* listed = std::get_if<std::vector<wire::room>>(&fact.answer)) {
        if (who->phase == session_phase::greeted) list_rooms_of(*who, *listed);
    } else if (who->phase != session_phase::closing) {
        refuse(*who, {errc::unavailable}, close_code::busy);
    }
    if (--who->user->listings == 0) who->user->changed.clear();
}

void hub::state::take(const store_state_changed& fact) {
    accepting = fact.accepting;
}

}  // namespace parley
