#pragma once

#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"

#include <string_view>

namespace parley {

/// The op id that an `Idempotency-Key` stands for (L7). A ULID is taken as it is; any other 1 to 64 visible
/// characters are hashed, keyed by the user, into an id with all time bits set, which no device makes. So the
/// same key names the same change for ever, and two users' equal keys have nothing to do with each other.
[[nodiscard]] result<op_id> op_id_of_key(std::string_view key, user_id user);

/// The room that an op of that id creates: a repeat of the same request creates the same room.
[[nodiscard]] room_id room_id_of(op_id op, user_id user);

}  // namespace parley
