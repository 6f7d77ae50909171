#include "shared/client/health.hpp"

namespace parley {

namespace {

constexpr std::int64_t late_ms = 3'000;

}  // namespace

void health::live(instant now) {
    stage_ = stage::resting;
    probing_ = false;
    misses_ = 0;
    due_ms_ = now.mono_ms + config_.ping_interval_ms;
}

void health::idle() {
    stage_ = stage::idle;
    probing_ = false;
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
    if (stage_ == stage::idle || (stage_ == stage::asked && probing_)) return action::none;
    probing_ = true;
    return ask(now);
}

health::action health::deadline_passed(instant now) {
    if (stage_ == stage::idle || now.mono_ms < due_ms_) return action::none;
    const bool late = now.mono_ms >= due_ms_ + late_ms;
    if (late) {
        probing_ = true;
        return ask(now);
    }
    if (stage_ == stage::resting) return ask(now);
    ++misses_;
    if (probing_ || misses_ >= config_.ping_misses) return action::cut;
    return ask(now);
}

std::optional<deadline_ms> health::deadline() const {
    if (stage_ == stage::idle) return std::nullopt;
    return due_ms_;
}

connection_health health::state() const {
    if (misses_ == 0) return connection_health::healthy;
    return misses_ + 1 < config_.ping_misses ? connection_health::degraded : connection_health::unhealthy;
}

health::action health::ask(instant now) {
    stage_ = stage::asked;
    ++n_;
    asked_ms_ = now.mono_ms;
    due_ms_ = now.mono_ms + config_.ping_timeout_ms;
    return action::ping;
}

}  // namespace parley
