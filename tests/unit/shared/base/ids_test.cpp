#include "shared/base/ids.hpp"

#include "shared/base/random.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

TEST_CASE("an id is the same after it was written as text or bytes") {
    random_source random{1};
    for (int i = 0; i < 1000; ++i) {
        const ulid id = random.make_id(1'700'000'000'000 + i);
        CHECK(parse_ulid(to_text(id)) == id);
        CHECK(ulid_from_bytes(to_bytes(id).data()) == id);
    }
}

TEST_CASE("the example of the ULID specification is read as it says") {
    const auto id = parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    REQUIRE(id);
    CHECK(id->time_ms() == 1469922850259);
    CHECK(to_text(*id) == "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    CHECK(parse_ulid("01arz3ndektsv4rrffq69g5fav") == id);
}

TEST_CASE("text that is no id is refused") {
    CHECK_FALSE(parse_ulid(""));
    CHECK_FALSE(parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FA"));
    CHECK_FALSE(parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAVX"));
    CHECK_FALSE(parse_ulid("81ARZ3NDEKTSV4RRFFQ69G5FAV"));
    CHECK_FALSE(parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAU"));
}

TEST_CASE("ids sort by time, as numbers, text and bytes alike") {
    random_source random{2};
    ulid last = random.make_id(1000);
    for (std::int64_t t = 1001; t < 1300; ++t) {
        const ulid id = random.make_id(t);
        CHECK(last < id);
        CHECK(to_text(last) < to_text(id));
        CHECK(to_bytes(last) < to_bytes(id));
        last = id;
    }
}

TEST_CASE("two users' ops of the same id are different changes") {
    const op_id op{ulid{1, 2}};
    const change_id ann{user_id{ulid{0, 1}}, op}, bob{user_id{ulid{0, 2}}, op};
    CHECK_FALSE(ann == bob);
    CHECK(ann < bob);
    CHECK(id_hash{}(ann) != id_hash{}(bob));
}
