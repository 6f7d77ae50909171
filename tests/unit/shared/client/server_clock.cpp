#include "shared/client/server_clock.hpp"

#include "tests/support/catch.hpp"

using namespace parley;

TEST_CASE("ids of one device rise within one millisecond and when its clock goes back") {
    random_source random{1};
    server_clock clock{random};
    ulid last;
    for (const std::int64_t wall_ms : {5'000, 5'000, 5'000, 4'000, 4'500, 5'001, 5'001}) {
        const auto id = clock.next_id({0, wall_ms});
        CHECK(last < id);
        last = id;
    }
}

TEST_CASE("two tabs that go on from the same stored id make different ids") {
    const ulid stored = make_ulid(5'000, 1, 1);
    random_source chance_of_one{1}, chance_of_other{2};
    server_clock one{chance_of_one}, other{chance_of_other};
    const instant earlier{0, 4'000};
    one.saw(stored, earlier);
    other.saw(stored, earlier);
    const auto a = one.next_id(earlier), b = other.next_id(earlier);
    CHECK(stored < a);
    CHECK(stored < b);
    CHECK_FALSE(a == b);
}
