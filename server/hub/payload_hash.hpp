#pragma once

#include "shared/base/hash.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>

namespace parley {

/// Tells whether two ops under one change id are the same (L7): keyed, over kind, room, name and text. It is
/// stored with the event, so what goes into it never changes.
[[nodiscard]] std::uint64_t payload_hash(const hash_key& key, const wire::op& op);

}  // namespace parley
