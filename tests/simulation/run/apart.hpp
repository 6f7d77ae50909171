#pragma once

#include "tests/simulation/world/world.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// Worlds run in processes of their own: one that trips an assertion, crashes or never ends is a violation
/// like any other, and the seed is known.
namespace parley::simulation {

/// What a run is called that ended without an outcome.
inline constexpr const char* died = "died";
inline constexpr const char* hangs = "hangs";

/// What is broken by this plan; an empty `law` if nothing is.
[[nodiscard]] outcome_of_world run_apart(const plan& what);

struct failure {
    std::uint64_t seed = 0;
    std::string law;
    std::string what;
};

struct tally {
    std::uint64_t seeds = 0, failures = 0, steps = 0, stored = 0;
    std::int64_t longest_settling_ms = 0;
    double seconds = 0;

    [[nodiscard]] double seeds_a_second() const {
        return seconds > 0 ? static_cast<double>(seeds) / seconds : 0;
    }
};

/// What of a world is counted, by name, for coverage.
using counts = std::vector<std::pair<std::string, std::uint64_t>>;

struct campaign {
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    std::vector<std::uint64_t> seeds;  ///< if not empty: these, and no range
    std::size_t jobs = 1;
    double most_seconds = 0;  ///< 0: until all have run
    bool coverage = false;
    std::uint64_t most_failures = 10;
    std::function<void(const tally&)> progress = [](const tally&) {};
    std::function<void(const failure&)> failed = [](const failure&) {};
    std::function<void(const counts&)> counted = [](const counts&) {};
};

/// Runs them, as many at once as there are jobs.
tally run(const campaign& what);

}  // namespace parley::simulation
