#pragma once

#include "shared/base/time.hpp"

#include <cstdint>

/// Time and chance, which the cores take as arguments.
namespace parley {

/// 64 bits that nobody can guess. Throws `std::system_error` where the system has none.
[[nodiscard]] std::uint64_t draw_entropy();

[[nodiscard]] instant read_clocks();

}  // namespace parley
