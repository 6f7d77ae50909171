#include "server/api/idempotency.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace parley;

namespace {

constexpr user_id ann{{1, 2}}, bob{{3, 4}};

}  // namespace

TEST_CASE("a ULID is the op id itself") {
    const auto id = make_ulid(1'795'166'102'123, 7, 8);
    CHECK(op_id_of_key(to_text(id), ann)->value == id);
    CHECK(op_id_of_key("01arz3ndektsv4rrffq69g5fav", ann)->value ==
          *parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
}

TEST_CASE("any other key is hashed into an id that no device makes, the same for ever") {
    const auto id = *op_id_of_key("order-17", ann);
    CHECK(id.value.time_ms() == ulid_time_max_ms);
    CHECK(id == *op_id_of_key("order-17", ann));
    CHECK_FALSE(id == *op_id_of_key("order-18", ann));
    CHECK_FALSE(id == *op_id_of_key("order-17", bob));
    CHECK(to_text(id) == to_text(*op_id_of_key("order-17", ann)));
}

TEST_CASE("a key that looks like a hashed id can't be aimed at one") {
    const auto hashed = *op_id_of_key("order-17", ann);
    const auto aimed = *op_id_of_key(to_text(hashed), ann);
    CHECK_FALSE(aimed == hashed);
    CHECK(aimed.value.time_ms() == ulid_time_max_ms);
    CHECK_FALSE(op_id_of_key(std::string(26, '0'), ann)->is_zero());
}

TEST_CASE("a key has 1 to 64 visible characters") {
    CHECK(op_id_of_key("x", ann));
    CHECK(op_id_of_key(std::string(64, '~'), ann));
    for (const auto& key : {std::string{}, std::string(65, 'x'), std::string{"a b"}, std::string{"a\tb"},
                            std::string{"\x7f"}, std::string{"\xc3\xa4"}, std::string("a\0b", 3)}) {
        INFO(key);
        const auto id = op_id_of_key(key, ann);
        REQUIRE_FALSE(id);
        CHECK(id.error().code == errc::malformed);
    }
}

TEST_CASE("a repeated creation names the same room") {
    const auto op = *op_id_of_key("my room", ann);
    CHECK(room_id_of(op, ann) == room_id_of(op, ann));
    CHECK_FALSE(room_id_of(op, ann) == room_id_of(op, bob));
    CHECK_FALSE(room_id_of(op, ann).value == op.value);
}
