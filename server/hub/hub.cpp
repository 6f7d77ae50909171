#include "server/hub/hub.hpp"

#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {

void hub_effects::clear() {
    *this = {};
}

hub::state::state(hub_config configured, random_source chance, std::uint64_t begun, log_position from)
    : config(std::move(configured)),
      random(chance),
      epoch(begun),
      position(from),
      forgetting(std::max<std::int64_t>(limits::offline_after_ms, config.message_window_ms)) {}

hub::hub(hub_config config, random_source random, std::uint64_t epoch, log_position position)
    : state_(std::make_unique<state>(std::move(config), random, epoch, position)) {}

hub::~hub() = default;
hub::hub(hub&&) noexcept = default;
hub& hub::operator=(hub&&) noexcept = default;

void hub::step(instant now, const hub_fact& fact, hub_effects& out) {
    state_->now = now;
    state_->out = &out;
    std::visit([this](const auto& what) { state_->take(what); }, fact);
    state_->emit_appends();
}

void hub::flush(instant now, hub_effects& out) {
    auto& s = *state_;
    s.now = now;
    s.out = &out;
    s.tell_watermarks();
    for (const auto handle : std::exchange(s.pinged, {})) {
        if (auto* who = s.sessions.find(handle)) s.tell_pong(*who);
    }
    s.speech.flush(out.sends);
    s.resume_now = s.may_resume();
    for (const auto& close : std::exchange(s.closes, {})) {
        out.closes.push_back(close);
        if (auto* who = s.sessions.find(close.session)) s.end_session(*who);
    }
}

std::optional<deadline_ms> hub::deadline() const {
    return state_->deadline();
}

hub_counts hub::counts() const {
    const auto& s = *state_;
    hub_counts counts;
    counts.sockets = s.sessions.size();
    counts.users = s.sessions.users_online();
    counts.rooms = s.rooms.size();
    for (const auto& [id, where] : s.rooms) {
        for (const auto& debt : where->owed)
            counts.provisional += debt.counts;
    }
    counts.ops = s.ops;
    counts.stored = s.stored;
    counts.refused.assign(s.refused.begin(), s.refused.end());
    return counts;
}

const std::string& hub::state::name_of(asker who) const {
    static const std::string nobody;
    if (!who.http) {
        const auto* from = sessions.find(who.id);
        return from ? from->user->name : nobody;
    }
    const auto found = http_ops.find(who.id);
    return found == http_ops.end() ? nobody : found->second.user->name;
}

bool hub::state::gone(asker who) const {
    if (who.http) return !http_ops.contains(who.id);
    const auto* from = sessions.find(who.id);
    return !from || from->phase == session_phase::closing;
}

void hub::state::note(severity level, std::string_view event, asker who, room_id where, std::string message) {
    log_line line;
    line.level = level;
    line.event = event;
    if (const auto* from = find_session(who)) {
        line.session = from->id;
        line.user = from->user->id;
    } else if (const auto found = http_ops.find(who.id); who.http && found != http_ops.end()) {
        line.user = found->second.user->id;
    }
    line.room = where;
    line.message = std::move(message);
    out->lines.push_back(std::move(line));
}

void hub::state::note_refused(room_id where, asker who, errc code) {
    ++refused[code];
    note(log_line::level::info, "message_refused", who, where, std::string{sentence_of(code)});
    out->lines.back().meta_json = "{\"code\":\"" + std::string{parley::name_of(code)} + "\"}";
}

}  // namespace parley
