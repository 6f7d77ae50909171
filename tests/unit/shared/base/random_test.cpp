#include "shared/base/random.hpp"

#include "tests/support/catch.hpp"

#include <array>

using namespace parley;

TEST_CASE("the same seed gives the same numbers on every platform") {
    random_source random{1234567};
    CHECK(random.next() == 6457827717110365317u);
    CHECK(random.next() == 3203168211198807973u);
}

TEST_CASE("below stays below and reaches everything") {
    random_source random{7};
    std::array<int, 10> seen{};
    for (int i = 0; i < 10000; ++i)
        ++seen[random.below(10)];
    for (const int count : seen)
        CHECK(count > 800);
}

TEST_CASE("an id made at an impossible time is clamped into the range") {
    random_source random{3};
    CHECK(random.make_id(-5).time_ms() == 0);
    CHECK(random.make_id(std::int64_t{1} << 60).time_ms() == ulid_time_max_ms - 1);
}
