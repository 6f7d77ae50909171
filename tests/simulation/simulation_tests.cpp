#include "tests/simulation/world.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

using namespace parley::simulation;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* value = std::getenv(name);
    return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

/// A failing seed says how to see it again.
bool holds(std::uint64_t seed, bool tell = false) {
    const auto outcome = world{seed, tell}.run();
    if (outcome.violation.empty()) return true;
    std::cerr << "seed " << seed << ": " << outcome.violation << "\n  replay: PARLEY_SEED=" << seed
              << " simulation_tests\n";
    return false;
}

}  // namespace

TEST_CASE("a world of any fresh seed keeps the laws") {
    if (const auto seed = from_environment("PARLEY_SEED", 0)) {
        CHECK(holds(seed, true));
        return;
    }
    const auto count = from_environment("PARLEY_SEEDS", 500);
    const auto fresh =
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1000;
    const auto first = from_environment("PARLEY_FIRST_SEED", fresh);
    std::uint64_t broken = 0;
    for (std::uint64_t seed = first; seed < first + count && broken < 10; ++seed)
        broken += !holds(seed);
    CHECK(broken == 0);
}

TEST_CASE("a world of a seed that once failed keeps the laws") {
    std::ifstream seeds(PARLEY_SOURCE_DIR "/tests/simulation/seeds.txt");
    for (std::string line; std::getline(seeds, line);)
        if (!line.empty() && line[0] != '#') CHECK(holds(std::strtoull(line.c_str(), nullptr, 10)));
}

TEST_CASE("the same seed gives the same world") {
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
        const auto once = world{seed, false}.run(), again = world{seed, false}.run();
        CHECK(once.steps == again.steps);
        CHECK(once.messages == again.messages);
        CHECK(once.violation == again.violation);
    }
}
