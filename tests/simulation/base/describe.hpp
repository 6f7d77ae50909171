#pragma once

#include "server/hub/hub.hpp"
#include "server/store/committer.hpp"
#include "shared/base/bytes.hpp"
#include "shared/client/client.hpp"

#include <string>

/// Facts and effects in short, for the transcript: "bytes_arrived (event 7 · watermark 7) → persist 3".
namespace parley::simulation {

[[nodiscard]] std::string describe_up(byte_view message);
[[nodiscard]] std::string describe_down(byte_view message);

[[nodiscard]] std::string describe(const client_fact& fact, const client_effects& effects);

/// Empty if it says nothing new.
[[nodiscard]] std::string describe(const hub_fact& fact, const hub_effects& effects);
[[nodiscard]] std::string describe(const committer_fact& fact, const committer_effects& effects);

[[nodiscard]] std::string_view name_of(judgement what);

/// The last characters of an id: enough to tell them apart in one world.
template <class Id>
[[nodiscard]] std::string tail(const Id& id) {
    return id.is_zero() ? "-" : to_text(id).substr(21);
}

}  // namespace parley::simulation
