#pragma once

#include "shared/base/hash.hpp"
#include "shared/base/ids.hpp"

#include <cstdint>

namespace parley {

/// One room's part of the digest in a pong (L12). The digest is the XOR over the rooms that a session is
/// subscribed to, with `w` as it was told to this session; no subscriptions give 0.
[[nodiscard]] constexpr std::uint64_t room_digest(const room_id& room, std::uint64_t head, std::uint64_t w) {
    return mix64(room.value.hi ^ mix64(room.value.lo ^ mix64(head ^ mix64(w))));
}

}  // namespace parley
