#pragma once

#include "shared/base/random.hpp"

#include <cstdint>

namespace parley {

/// Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015): before try n + 1
/// wait a uniform time in [0, min(max, min × 2^n)], but never less than a tenth of it, so that no herd hits
/// at once.
class backoff {
public:
    backoff(std::int64_t min_ms, std::int64_t max_ms) : min_ms_(min_ms), max_ms_(max_ms) {}

    /// How long to wait before the next try.
    [[nodiscard]] std::int64_t next(random_source& random);

    /// The next wait is a first one again.
    void reset() { failures_ = 0; }

    [[nodiscard]] std::uint32_t failures() const { return failures_; }

private:
    std::int64_t min_ms_;
    std::int64_t max_ms_;
    std::uint32_t failures_ = 0;
};

}  // namespace parley
