#pragma once

#include "shared/base/bytes.hpp"
#include "shared/client/client.hpp"

#include <optional>
#include <string>
#include <variant>

/// Facts in and effects out as FlatBuffers of local.fbs.
namespace parley {

/// What comes once, first: a core is made of it.
struct core_started {
    std::uint64_t seed = 0;
    client_config config;
    started fact;
};

struct patch_was_drawn {
    std::uint64_t number = 0;
};

using local_fact = std::variant<client_fact, core_started, patch_was_drawn>;

/// Verifies all of it; nothing for what is no fact or names ids that are none. The message of a
/// `bytes_arrived` is copied into `aligned`, which must live as long as the fact.
[[nodiscard]] std::optional<local_fact> decode_fact(byte_view buffer, bytes& aligned);

/// One `effects_out`.
[[nodiscard]] bytes encode_effects(const client_effects& effects, std::optional<deadline_ms> deadline);

}  // namespace parley
