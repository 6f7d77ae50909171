#pragma once

#include "shared/base/bytes.hpp"
#include "shared/client/client.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// Facts in and effects out as FlatBuffers of local.fbs.
namespace parley {

/// What the host says: a fact, or that it has drawn a patch.
struct local_fact {
    client_fact fact = deadline_passed_fact{};
    client_config config;    ///< with `started`, which comes once, first: a core is made of it
    std::uint64_t seed = 0;  ///< as `config`
    std::optional<std::uint64_t> drawn;
};

/// Verifies all of it; false for what is no fact or names ids that are none. The message of a `bytes_arrived`
/// is copied into `aligned`, which must live as long as the fact.
[[nodiscard]] bool decode_fact(byte_view buffer, bytes& aligned, local_fact& fact);

/// One `effects_out`.
[[nodiscard]] bytes encode_effects(const client_effects& effects, std::optional<deadline_ms> deadline);

}  // namespace parley
