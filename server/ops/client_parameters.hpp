#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace parley {

/// How browsers keep their connection, as `/config.json` tells them. What is not given stays as the client
/// has it.
struct client_parameters {
    std::map<std::string, std::uint32_t, std::less<>> values;

    [[nodiscard]] std::string to_json() const;
};

/// Reads NAME=N,NAME=N…; false, and nothing changed, where a name is unknown or its number not allowed.
[[nodiscard]] bool read_client_parameters(client_parameters& into, const std::string& text);

/// All names with what is allowed, for people.
[[nodiscard]] const std::string& allowed_client_parameters();

}  // namespace parley
