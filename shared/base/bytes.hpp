#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace parley {

using bytes = std::vector<std::uint8_t>;
using byte_view = std::span<const std::uint8_t>;

/// Immutable once shared: many sessions send the same buffer.
using shared_bytes = std::shared_ptr<const bytes>;

}  // namespace parley
