#include "shared/policy/backoff.hpp"

namespace parley {

std::int64_t backoff::next(random_source& random) {
    std::int64_t ceiling = min_ms_;
    for (std::uint32_t i = 0; i < failures_ && ceiling < max_ms_; ++i)
        ceiling *= 2;
    if (ceiling > max_ms_) ceiling = max_ms_;
    ++failures_;
    const std::int64_t floor = ceiling / 10;
    return floor + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(ceiling - floor) + 1));
}

}  // namespace parley
