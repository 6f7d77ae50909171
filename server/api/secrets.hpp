#pragma once

#include "server/store/account_store.hpp"
#include "shared/base/hash.hpp"
#include "shared/base/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What only its holder knows: cookies, tokens, invitations, the set-up code. The server keeps hashes.
namespace parley {

/// 256 bits of chance as 43 characters of base64url.
[[nodiscard]] std::string make_secret();

/// None if it does not even look like a secret.
[[nodiscard]] std::optional<secret_hash> hash_secret(std::string_view secret);

/// An id that nobody can guess, with the time of now.
[[nodiscard]] ulid make_id(std::int64_t wall_ms);

/// Twenty characters that can be read aloud, in groups: "7Q2MX-…".
[[nodiscard]] std::string make_code();

/// Such a code that goes with the key of a store: the same at each server of that store, and at each start.
[[nodiscard]] std::string set_up_code_of(const hash_key& store);

/// Forgives case, spaces and dashes; takes the same time for every wrong code.
[[nodiscard]] bool same_code(std::string_view typed, std::string_view code);

}  // namespace parley
