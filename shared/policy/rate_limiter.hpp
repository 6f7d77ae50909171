#pragma once

#include <cstdint>

namespace parley {

/// A token bucket: `burst` at once, refilled evenly so that `burst` come back in `window_ms`. The client
/// predicts with it and the hub decides with it (L17).
class rate_limiter {
public:
    rate_limiter() = default;  ///< without limit
    rate_limiter(std::uint32_t burst, std::uint32_t window_ms, std::uint32_t tokens, std::int64_t now_ms);

    rate_limiter(std::uint32_t burst, std::uint32_t window_ms) : rate_limiter(burst, window_ms, burst, 0) {}

    /// Takes a token and answers 0, or takes none and answers after how many ms there will be one. A clock
    /// that goes back takes nothing away.
    std::int64_t take(std::int64_t now_ms);

    /// The same answer as `take`, without taking.
    [[nodiscard]] std::int64_t wait(std::int64_t now_ms) const;

    /// Whole tokens left now.
    [[nodiscard]] std::uint32_t tokens(std::int64_t now_ms) const;

    [[nodiscard]] bool limited() const { return burst_ > 0 && window_ms_ > 0; }

private:
    // Counted in parts of a token, so that refilling loses nothing: one token is window_ms parts, each ms
    // brings burst.
    [[nodiscard]] std::int64_t parts(std::int64_t now_ms) const;

    std::uint32_t burst_ = 0;
    std::uint32_t window_ms_ = 0;
    std::int64_t parts_ = 0;
    std::int64_t at_ms_ = 0;
};

}  // namespace parley
