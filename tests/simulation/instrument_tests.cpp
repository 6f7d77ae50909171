#include "tests/simulation/plan/plan.hpp"
#include "tests/simulation/run/options.hpp"
#include "tests/simulation/run/shrink.hpp"
#include "tests/simulation/world/world.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace parley::simulation;

TEST_CASE("the same plan gives the same world") {
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
        const auto drawn = draw_plan(seed);
        const auto once = world{drawn, false}.run(), again = world{drawn, false}.run();
        CHECK(once.fingerprint == again.fingerprint);
        CHECK(once.steps == again.steps);
        CHECK(once.what == again.what);
    }
}

TEST_CASE("a list of steps reads back as it was written") {
    std::vector<std::uint32_t> read;
    for (const auto& steps : {std::vector<std::uint32_t>{}, {4}, {0, 1, 2, 5, 9, 10}}) {
        REQUIRE(read_steps(write_steps(steps), read));
        CHECK(read == steps);
    }
    for (const char* wrong : {"", "a", "3-", "5-2", "1,,2", "1;2"})
        CHECK_FALSE(read_steps(wrong, read));
}

TEST_CASE("a range of seeds has two numbers in order") {
    REQUIRE(read_range("3..9"));
    CHECK(read_range("3..9")->last == 9);
    for (const char* wrong : {"", "3", "9..3", "a..b", "1...2", "-1..2"})
        CHECK_FALSE(read_range(wrong));
}

TEST_CASE("a failing world is shrunk to the steps that it fails by") {
    const auto whole = draw_plan(7);
    REQUIRE(whole.steps.size() > 8);
    const auto has = [](const plan& p, std::uint32_t index) {
        return std::any_of(p.steps.begin(), p.steps.end(), [&](const step& s) { return s.index == index; });
    };
    const auto small = shrink(
        whole, "a law",
        [&](const plan& p) {
            const bool breaks = has(p, 2) && has(p, 5);
            return std::make_pair(std::string(breaks ? "a law" : ""), std::string("seen"));
        },
        10);
    CHECK(small.to.steps == std::vector<std::uint32_t>{2, 5});
    CHECK(small.to.calm == calm_names());
}
