#pragma once

#include <cstdint>
#include <string_view>

namespace parley {

enum class route : std::uint8_t { upgrade, api, file };

/// What stands at a path; everything else is a file of the shell, or nothing.
[[nodiscard]] inline route route_of(std::string_view path) {
    if (path == "/ws") return route::upgrade;
    if (path == "/health" || path == "/ready" || path == "/api" || path.starts_with("/api/"))
        return route::api;
    return route::file;
}

}  // namespace parley
