#pragma once

#include "shared/base/ids.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Finds what a path means. Pure.
namespace parley {

/// `"/api/rooms/*/join"`: each `*` stands for one ULID.
struct route_key {
    std::string_view method;
    std::string_view pattern;
};

struct routed {
    enum class how : unsigned char { found, no_such_path, wrong_method };
    how what = how::no_such_path;
    std::size_t index = 0;  ///< of `found`: in the table
    std::vector<ulid> ids;  ///< of `found`: for the stars, in order
    std::string allow;      ///< of the others, for a path that exists: "GET, HEAD, OPTIONS"
};

/// Each pattern and method occurs once in the table. HEAD finds what GET finds.
[[nodiscard]] routed find_route(std::span<const route_key> table, std::string_view method,
                                std::string_view path);

}  // namespace parley
