#pragma once

#include <span>

namespace parley {

/// One numbered SQL file of a store's folder of migrations, embedded at build. They are only ever appended.
struct migration {
    int number;
    const char* name;
    const char* sql;
};

/// The version of a store to which all of `steps` were applied.
[[nodiscard]] inline int version_after(std::span<const migration> steps) {
    return steps.back().number;
}

}  // namespace parley
