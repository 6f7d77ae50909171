#pragma once

#include <cstdint>

namespace parley {

/// Stops asking who fails (Nygard, "Release It!", 2007).
///
///     closed ── `failures` in a row ──▶ open ── after `open_ms` ──▶ half_open ── success ──▶ closed
///                                        ▲─────────────────────────── failure ──┘
class circuit_breaker {
public:
    enum class state : std::uint8_t { closed, open, half_open };

    circuit_breaker(std::uint32_t failures, std::int64_t open_ms) : failures_(failures), open_ms_(open_ms) {}

    /// Whether to try now. Open turns half-open by itself; half-open lets one try through until it is
    /// answered.
    [[nodiscard]] bool allows(std::int64_t now_ms);

    void succeeded();
    void failed(std::int64_t now_ms);

    [[nodiscard]] state now() const { return state_; }

    /// When an open one lets the next try through.
    [[nodiscard]] std::int64_t retry_at_ms() const { return opened_ms_ + open_ms_; }

private:
    std::uint32_t failures_;
    std::int64_t open_ms_;
    state state_ = state::closed;
    std::uint32_t in_a_row_ = 0;
    std::int64_t opened_ms_ = 0;
    bool trying_ = false;
};

}  // namespace parley
