#include "server/api/json_body.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

errc verdict(std::string_view body) {
    const auto parsed = parse_body(body);
    return parsed ? errc::none : parsed.error().code;
}

std::string nested(std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

}  // namespace

TEST_CASE("a body is one JSON object") {
    CHECK(verdict("{}") == errc::none);
    CHECK(verdict(R"( {"a":1,"b":{"c":[true,null,1.5e3,"x"]}} )") == errc::none);
    for (const auto* body : {"", "[]", "1", "\"a\"", "null", "{", "{}{}", "{\"a\"}", "{'a':1}", "{\"a\":1,}",
                             "{\"a\":NaN}", "{\"a\":01}", "// c\n{}", "\xef\xbb\xbf{}", "{\"a\":\"\n\"}"}) {
        INFO(body);
        CHECK(verdict(body) == errc::malformed);
    }
}

TEST_CASE("a key twice in one object is refused, however it is written") {
    CHECK(verdict(R"({"a":1,"a":1})") == errc::malformed);
    CHECK(verdict(R"({"a":1,"b":2,"a":3})") == errc::malformed);
    CHECK(verdict(R"({"a":1,"\u0061":2})") == errc::malformed);
    CHECK(verdict(R"({"":1,"":2})") == errc::malformed);
    CHECK(verdict(R"({"x":[{"y":{"a":1,"a":2}}]})") == errc::malformed);
    CHECK(verdict(R"({"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]})") == errc::none);
}

TEST_CASE("bad UTF-8 is refused wherever it stands") {
    CHECK(verdict("{\"a\":\"\xff\"}") == errc::bad_text);
    CHECK(verdict("{\"\xc0\x80\":1}") == errc::bad_text);
    CHECK(verdict("{\"a\":\"\xed\xa0\x80\"}") == errc::bad_text);
    CHECK(verdict(R"({"a":"\ud800"})") != errc::none);
}

TEST_CASE("nesting has an end") {
    CHECK(verdict(nested(16)) == errc::none);
    CHECK(verdict(nested(30)) == errc::malformed);
    CHECK(verdict(nested(30'000)) == errc::malformed);
}

TEST_CASE("a field is a string, or is said to be wrong") {
    const auto body = *parse_body(R"({"a":"x","n":1,"z":null,"nul":"a\u0000b"})");
    CHECK(*string_field(body, "a") == "x");
    CHECK(string_field(body, "b").error().code == errc::malformed);
    CHECK(string_field(body, "n").error().detail == "n must be a string");
    CHECK(string_field(body, "z").error().code == errc::malformed);
    CHECK(string_field(body, "nul").error().code == errc::bad_text);
    CHECK(optional_field(body, "a")->value() == "x");
    CHECK_FALSE(optional_field(body, "b")->has_value());
    CHECK_FALSE(optional_field(body, "z")->has_value());
    CHECK(optional_field(body, "n").error().code == errc::malformed);
}

TEST_CASE("a number of the query is whole, within bounds, and there once") {
    const auto limit = [](std::string_view query) { return number_of_query(query, "limit", 1, 200, 50); };
    CHECK(*limit("") == 50);
    CHECK(*limit("before=7") == 50);
    CHECK(*limit("limit=200&before=7") == 200);
    CHECK(*limit("before=7&limit=1") == 1);
    CHECK(*limit("xlimit=3") == 50);
    for (const auto* query : {"limit", "limit=", "limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=1x",
                              "limit= 1", "limit=99999999999999999999", "limit=1&limit=1"}) {
        INFO(query);
        CHECK_FALSE(limit(query));
    }
}
