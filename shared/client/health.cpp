#include "shared/client/health.hpp"

#include <algorithm>

namespace parley {

namespace {

constexpr std::int64_t late_ms = 1'000;
constexpr std::int64_t probe_base_ms = 1'500;
constexpr std::int64_t probe_round_trips = 4;

}  // namespace

void health::live(instant now) {
    stage_ = stage::resting;
    misses_ = 0;
    due_ms_ = now.mono_ms + config_.ping_interval_ms;
}

void health::idle() {
    stage_ = stage::idle;
    misses_ = 0;
    round_trip_ms_ = -1;
}

void health::heard(instant now) {
    if (stage_ != stage::idle) live(now);
}

void health::ponged(instant now, std::uint32_t n) {
    if (stage_ != stage::idle && n == n_ && n != 0) round_trip_ms_ = now.mono_ms - asked_ms_;
}

health::action health::probe(instant now) {
    if (stage_ == stage::idle) return action::none;
    const auto asked = asks_once() ? action::none : ask(now, stage::probing);
    stage_ = stage::probing;
    const auto patience_ms = probe_base_ms + probe_round_trips * std::max<std::int64_t>(round_trip_ms_, 0);
    due_ms_ = std::min(due_ms_, now.mono_ms + patience_ms);
    return asked;
}

health::action health::doubt(instant now) {
    if (stage_ == stage::idle || asks_once()) return action::none;
    return ask(now, stage::doubting);
}

health::action health::deadline_passed(instant now) {
    if (stage_ == stage::idle || now.mono_ms < due_ms_) return action::none;
    if (now.mono_ms >= due_ms_ + late_ms) {
        stage_ = stage::resting;
        return probe(now);
    }
    if (stage_ == stage::resting) return ask(now, stage::asked);
    ++misses_;
    if (stage_ == stage::probing) return action::replace;
    if (stage_ == stage::doubting || misses_ >= config_.ping_misses) return action::cut;
    return ask(now, stage::asked);
}

std::optional<deadline_ms> health::deadline() const {
    if (stage_ == stage::idle) return std::nullopt;
    return due_ms_;
}

connection_health health::state() const {
    if (misses_ == 0) return connection_health::healthy;
    return misses_ + 1 < config_.ping_misses ? connection_health::degraded : connection_health::unhealthy;
}

health::action health::ask(instant now, stage as) {
    stage_ = as;
    ++n_;
    asked_ms_ = now.mono_ms;
    due_ms_ = now.mono_ms + config_.ping_timeout_ms;
    return action::ping;
}

}  // namespace parley
