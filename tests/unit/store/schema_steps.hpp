#pragma once

#include "server/store/migration.hpp"

#include <span>
#include <vector>

namespace parley::testing {

/// Migrations and two more, as a later version has them.
inline std::vector<migration> with_colours(std::span<const migration> known) {
    std::vector<migration> all{known.begin(), known.end()};
    const int last = all.back().number;
    all.push_back({last + 1, "colours", "CREATE TABLE colours (name TEXT NOT NULL);"});
    all.push_back(
        {last + 2, "red", "INSERT INTO colours VALUES ('red'); INSERT INTO colours VALUES ('green');"});
    return all;
}

}  // namespace parley::testing
