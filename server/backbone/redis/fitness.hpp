#pragma once

#include "server/backbone/redis/calls.hpp"

#include <string>

namespace parley::redis {

/// Why this Redis can't be worked with, in one line that says what to change; empty if it can. Writes
/// nothing.
///
/// It can't be reached or refuses us; is older than 7 or a replica; evicts keys; or holds keys that are not
/// this database's: another program uses it, or another Parley.
[[nodiscard]] std::string complaint_about(connection& to, const key_names& keys);

}  // namespace parley::redis
