#pragma once

#include "shared/client/client.hpp"

#include <cstdint>
#include <optional>

/// Is the other side still there?
///
///     idle ── live ─▶ resting ── interval ─▶ asked ── third miss: cut        any frame ─▶ resting
///                        │ └─ probe ─▶ probing ── miss: replace
///                        └─── doubt ─▶ doubting ── miss: cut
///                                         └─ probe ─▶ probing
///
/// A probe is impatient, for somebody waits and the other side can be reached as far as anyone knows; so what
/// has not answered it is replaced at once. A doubt, when the network seems to be gone, has all of the usual
/// time.
///
/// A timer that fires late says that this host slept, and nothing about the connection: what has arrived
/// meanwhile is not read yet. So it begins a probe instead of counting a miss.
namespace parley {

class health {
public:
    enum class action : std::uint8_t { none, ping, cut, replace };

    explicit health(const client_config& config) : config_(config) {}

    void live(instant now);
    void idle();

    /// Any frame answers.
    void heard(instant now);
    void ponged(instant now, std::uint32_t n);

    [[nodiscard]] action probe(instant now);
    [[nodiscard]] action doubt(instant now);
    [[nodiscard]] action deadline_passed(instant now);
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    [[nodiscard]] std::uint32_t last_ping() const { return n_; }

    [[nodiscard]] std::int64_t round_trip_ms() const { return round_trip_ms_; }

    [[nodiscard]] connection_health state() const;

private:
    enum class stage : std::uint8_t { idle, resting, asked, doubting, probing };

    action ask(instant now, stage as);

    [[nodiscard]] bool asks_once() const { return stage_ == stage::doubting || stage_ == stage::probing; }

    const client_config& config_;
    stage stage_ = stage::idle;
    std::uint32_t misses_ = 0;
    std::uint32_t n_ = 0;
    std::int64_t asked_ms_ = 0;
    std::int64_t due_ms_ = 0;
    std::int64_t round_trip_ms_ = -1;
};

}  // namespace parley
