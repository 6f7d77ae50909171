#pragma once

#include "tests/simulation/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley::simulation {

struct seed_range {
    std::uint64_t first = 0, last = 0;
};

struct options {
    std::optional<seed_range> seeds;
    std::optional<std::uint64_t> fresh;  ///< so many seeds that nobody has tried
    std::optional<double> minutes;
    std::string kept;  ///< a file of seeds that once failed
    std::size_t jobs = 1;
    bool coverage = false;
    std::optional<std::uint64_t> replay;
    reduction to;
    bool whole = false;  ///< replay without shrinking
    bool brief = false;  ///< no shrinking of what is found, and one line for each
    std::uint64_t most_failures = 10;
};

/// An exit code where there is nothing to run: help was asked for, or something is wrong and was said.
[[nodiscard]] std::optional<int> read_options(int argc, char** argv, options& into);

/// "1..2000", or nothing.
[[nodiscard]] std::optional<seed_range> read_range(const std::string& text);

}  // namespace parley::simulation
