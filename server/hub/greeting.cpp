#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {
namespace {

constexpr std::uint32_t going_away_spread_ms = 3'000;

}  // namespace

void hub::state::take(const session_opened& fact) {
    auto& who = sessions.open(fact, config);
    note(log_line::level::info, "session_opened", {who.handle});
    if (stopping) return refuse(who, {errc::busy, "stopping"}, close_code::going_away);
    if (who.user->sessions.size() > config.sessions_per_user) {
        return refuse(who, {errc::too_many_sessions}, close_code::too_many_sessions);
    }
    if (lately_ended.contains(fact.login)) return refuse(who, {errc::revoked}, close_code::revoked);
    if (fact.login_expires_ms != 0) expiries.emplace(fact.login_expires_ms, who.handle);
    hellos.put(now.mono_ms, who.handle);
}

void hub::state::greet(session& who, const wire::hello& hello) {
    if (who.phase != session_phase::opened) {
        return refuse(who, {errc::out_of_order, "hello was said"}, close_code::policy_violation);
    }
    if (hello.version != protocol_version) {
        wire::error_frame frame{errc::unsupported_version, {}, {protocol_version}};
        speech.tell(who, frame);
        return refuse(who, {}, close_code::policy_violation);
    }
    if (!hello.user.is_zero() && hello.user != who.user->id) {
        return refuse(who, {errc::wrong_user}, close_code::wrong_user);
    }
    who.phase = session_phase::greeted;
    const auto& limiter = who.user->messages;
    const auto burst = static_cast<std::uint16_t>(std::min<std::uint32_t>(config.message_burst, 0xffff));
    const auto tokens = std::min<std::uint32_t>(limiter.tokens(now.mono_ms), burst);
    const bool limited = limiter.limited();
    speech.tell(who, wire::welcome{who.id, who.user->id, who.user->name, now.wall_ms, epoch,
                                   limited ? burst : std::uint16_t{0}, limited ? config.message_window_ms : 0,
                                   static_cast<std::uint16_t>(limited ? tokens : 0), config.server_name});
    who.listing = true;
    ++who.user->listings;
    query_store({question::about::greeting, {}, {who.handle}, {}}, rooms_of{who.user->id});
}

/// A membership that changed while the list was read is told as it is now, not as the list has it.
void hub::state::list_rooms_of(session& who, const std::vector<wire::room>& listed) {
    auto& user = *who.user;
    const auto changed = user.changed;
    for (auto frame : listed) {
        user.mark_read(frame.id, frame.read);
        if (std::find(changed.begin(), changed.end(), frame.id) != changed.end()) continue;
        const auto* where = find_room(frame.id);
        if (where && where->awake() && where->fold.member(user.id)) {
            frame = describe(*where, user);
        } else {
            frame.epoch = epoch;
            frame.joined = true;
            frame.may_leave = frame.id != general_room;
        }
        speech.tell(who, frame);
    }
    for (const auto& id : changed) {
        if (const auto* where = find_room(id); where && where->awake())
            speech.tell(who, describe(*where, user));
    }
    speech.tell(who, wire::reply{});
}

void hub::state::refuse(session& who, error why, close_code code) {
    if (why.code != errc::none) {
        speech.tell(who, wire::error_frame{why.code, why.detail.substr(0, limits::error_detail_bytes), {}});
        note(log_line::level::info, "session_refused", {who.handle}, {}, std::string{sentence_of(why.code)});
    }
    while (!who.live.empty())
        end_live(*who.live.back(), who);
    while (!who.reading.empty())
        end_reading(*who.reading.back(), who);
    who.phase = session_phase::closing;
    closes.push_back({who.handle, code});
}

void hub::state::take(const session_closed& fact) {
    if (auto* who = sessions.find(fact.session)) end_session(*who);
}

void hub::state::end_session(session& who) {
    note(log_line::level::info, "session_closed", {who.handle});
    while (!who.live.empty())
        end_live(*who.live.back(), who);
    while (!who.reading.empty())
        end_reading(*who.reading.back(), who);
    auto& user = *who.user;
    if (who.listing && --user.listings == 0) user.changed.clear();
    if (who.login_expires_ms != 0) expiries.erase({who.login_expires_ms, who.handle});
    paused.erase(who.handle);
    speech.forget(who);
    sessions.close(who, now.mono_ms);
    if (user.presence == presence::leaving) leaving.put(now.mono_ms, user.id);
    rest(user);
}

void hub::state::rest(user_record& user) {
    if (!user.unused()) return;
    user.idle_ms = now.mono_ms;
    forgetting.put(now.mono_ms, user.id);
}

void hub::state::take(const session_unsent& fact) {
    auto* who = sessions.find(fact.session);
    if (!who) return;
    who->unsent = fact.bytes;
    if (fact.bytes > limits::unsent_behind_bytes) {
        fall_behind(*who);
    } else {
        resume_paused(*who);
    }
}

void hub::state::fall_behind(session& who) {
    if (who.live.empty() && who.reading.empty()) return;
    if (who.behind_ms != 0 && now.mono_ms - who.behind_ms < limits::behind_again_ms) {
        return refuse(who, {errc::busy, "too slow"}, close_code::policy_violation);
    }
    who.behind_ms = std::max<std::int64_t>(now.mono_ms, 1);
    note(log_line::level::warn, "session_behind", {who.handle});
    const auto tell_and_end = [&](std::vector<room*> list, auto end) {
        for (auto* where : list) {
            speech.tell(*where, who, wire::behind{where->id});
            end(*where);
        }
    };
    tell_and_end(who.live, [&](room& where) { end_live(where, who); });
    tell_and_end(who.reading, [&](room& where) { end_reading(where, who); });
}

void hub::state::take(const logins_ended& fact) {
    for (const auto& login : fact.logins) {
        if (lately_ended.size() >= limits::ended_logins) lately_ended.erase(*ended_until.take_early());
        if (lately_ended.insert(login).second) ended_until.put(now.mono_ms, login);
    }
    for (auto* who : sessions.all()) {
        const bool ended = std::find(fact.logins.begin(), fact.logins.end(), who->login) != fact.logins.end();
        if (ended && who->phase != session_phase::closing) {
            refuse(*who, {errc::revoked}, close_code::revoked);
        }
    }
}

void hub::state::end_expired() {
    while (!expiries.empty() && expiries.begin()->first <= now.wall_ms) {
        auto* who = sessions.find(expiries.extract(expiries.begin()).value().second);
        if (who && who->phase != session_phase::closing) {
            refuse(*who, {errc::unauthenticated}, close_code::unauthenticated);
        }
    }
}

void hub::state::take(const shutting_down&) {
    stopping = true;
    for (auto* who : sessions.all()) {
        const auto retry = static_cast<std::uint32_t>(500 + random.below(going_away_spread_ms));
        speech.tell(*who, wire::going_away{retry});
    }
}

}  // namespace parley
