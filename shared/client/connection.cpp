#include "shared/client/connection.hpp"

namespace parley {

connection::connection(const client_config& config, random_source& random)
    : config_(config), random_(random), backoff_(config.backoff_min_ms, config.backoff_max_ms) {}

void connection::start(instant now, client_effects& out) {
    if (state_ != connection_state::offline) return;
    backoff_.reset();
    tries_ = 0;
    open(now, out);
}

void connection::stop(client_effects& out, close_code why) {
    if (has_socket()) out.push_back(close_socket{socket_, static_cast<std::uint16_t>(why)});
    state_ = connection_state::offline;
    leave_at_ms_.reset();
}

bool connection::opened(std::uint32_t attempt) {
    if (state_ != connection_state::connecting || attempt != socket_) return false;
    state_ = connection_state::greeting;
    return true;
}

bool connection::current(std::uint32_t attempt) const {
    return has_socket() && attempt == socket_;
}

void connection::welcomed(instant now) {
    if (state_ != connection_state::greeting) return;
    state_ = connection_state::live;
    live_since_ms_ = now.mono_ms;
}

void connection::will_go_away(instant now, std::uint32_t retry_ms) {
    leave_at_ms_ = now.mono_ms + static_cast<std::int64_t>(random_.below(std::uint64_t{retry_ms} + 1));
}

void connection::closed(instant now, bool long_wait) {
    const bool was_steady = live() && now.mono_ms - live_since_ms_ >= config_.backoff_reset_ms;
    if (was_steady) backoff_.reset(), tries_ = 0;
    state_ = connection_state::waiting;
    if (leave_at_ms_) {
        due_ms_ = *leave_at_ms_ > now.mono_ms ? *leave_at_ms_ : now.mono_ms;
        leave_at_ms_.reset();
        return;
    }
    if (!online_) {
        due_ms_ = now.mono_ms + config_.failed_retry_ms;
        return;
    }
    const auto wait_ms = backoff_.next(random_);
    if (long_wait || ++tries_ >= config_.attempts) state_ = connection_state::failed;
    due_ms_ = now.mono_ms + (state_ == connection_state::failed ? config_.failed_retry_ms : wait_ms);
}

void connection::cut(instant now, client_effects& out) {
    if (!has_socket()) return;
    out.push_back(close_socket{socket_, static_cast<std::uint16_t>(close_code::normal)});
    closed(now, false);
}

void connection::retry_now(instant now, client_effects& out) {
    if (state_ != connection_state::waiting && state_ != connection_state::failed) return;
    backoff_.reset();
    tries_ = 0;
    open(now, out);
}

void connection::network_changed(instant now, bool online, client_effects& out) {
    const bool back = online && !online_;
    online_ = online;
    if (back) retry_now(now, out);
}

void connection::deadline_passed(instant now, client_effects& out) {
    if (live() && leave_at_ms_ && *leave_at_ms_ <= now.mono_ms) return cut(now, out);
    if (state_ == connection_state::offline || live() || now.mono_ms < due_ms_) return;
    has_socket() ? cut(now, out) : open(now, out);
}

std::optional<deadline_ms> connection::deadline() const {
    if (live()) return leave_at_ms_;
    if (state_ == connection_state::offline) return std::nullopt;
    return due_ms_;
}

connection_state connection::state() const {
    const bool resting = state_ == connection_state::waiting || state_ == connection_state::failed;
    return resting && !online_ ? connection_state::offline : state_;
}

bool connection::has_socket() const {
    return state_ == connection_state::connecting || state_ == connection_state::greeting || live();
}

std::int64_t connection::next_ms() const {
    return state_ == connection_state::waiting || state_ == connection_state::failed ? due_ms_ : 0;
}

void connection::open(instant now, client_effects& out) {
    state_ = connection_state::connecting;
    leave_at_ms_.reset();
    due_ms_ = now.mono_ms + config_.connect_timeout_ms;
    out.push_back(open_socket{++socket_});
}

}  // namespace parley
