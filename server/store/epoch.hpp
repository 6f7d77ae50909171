#pragma once

#include "shared/base/assert.hpp"

#include <algorithm>
#include <cstdint>

namespace parley {

/// Above `last`, made of time and chance, below 2^53 (L6): a clock that went back never makes a number twice,
/// and two servers that run on copies of one file hardly make the same one.
[[nodiscard]] inline std::uint64_t next_epoch(std::uint64_t last, std::int64_t wall_ms,
                                              std::uint64_t chance) {
    const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ms, 0)) * 1000;
    const auto next = std::max(last, time) + 1 + chance % 1000;
    PARLEY_ASSERT(next < std::uint64_t{1} << 53);
    return next;
}

}  // namespace parley
