#pragma once

#include <cstdint>

namespace parley {

/// Now, as the host tells it. Deadlines use the monotonic clock; ids and what people read use the wall clock,
/// which may jump.
struct instant {
    std::int64_t mono_ms = 0;  ///< milliseconds since some start of this host
    std::int64_t wall_ms = 0;  ///< milliseconds since 1970, UTC
};

/// A point on the monotonic clock.
using deadline_ms = std::int64_t;

}  // namespace parley
