#include "tests/chaos/pipe.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace parley::chaos {
namespace {

byte_view bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// All that leaves at this time.
std::string leaves(pipe& from, std::int64_t now_ms) {
    std::string text;
    for (auto due = from.due(now_ms); !due.empty(); due = from.due(now_ms)) {
        text.append(due.begin(), due.end());
        from.sent(now_ms, due.size());
    }
    return text;
}

pipe pipe_with(const path_fate& fate) {
    return pipe{fate, 1};
}

}  // namespace

TEST_CASE("a delay shifts everything and keeps its order") {
    auto way = pipe_with({50, 30, 1'000, {}, {}});
    way.put(0, bytes_of("one "));
    CHECK(leaves(way, 49).empty());
    way.put(1, bytes_of("two"));
    CHECK(leaves(way, 90) == "one two");
    CHECK(way.empty());
}

TEST_CASE("a stall holds what comes from its byte on") {
    auto way = pipe_with({0, 0, 1'000, stall{3, 500}, {}});
    way.put(0, bytes_of("before"));
    CHECK(leaves(way, 0) == "bef");
    way.put(100, bytes_of(" after"));
    CHECK(leaves(way, 499).empty());
    CHECK(way.due_ms() == 500);
    CHECK(leaves(way, 500) == "ore after");
    CHECK(way.stalls() == 1);
}

TEST_CASE("a pipe carries so many bytes as its fate says and no more") {
    auto way = pipe_with({0, 0, 1'000, {}, 4});
    way.put(0, bytes_of("hello"));
    CHECK_FALSE(way.ended());
    CHECK(leaves(way, 0) == "hell");
    CHECK(way.ended());
    CHECK_FALSE(way.due_ms());
    CHECK(pipe_with({0, 0, 1'000, {}, 0}).ended());
}

TEST_CASE("a pipe lets go in pieces") {
    auto way = pipe_with({0, 0, 2, {}, {}});
    way.put(0, bytes_of("hello"));
    CHECK(way.due(0).size() == 2);
    CHECK(leaves(way, 0) == "hello");
}

TEST_CASE("a calm pipe holds nothing back") {
    auto way = pipe_with({10'000, 0, 1, stall{0, 10'000}, 3});
    way.put(0, bytes_of("hello"));
    way.calm();
    CHECK(leaves(way, 1) == "hello");
}

TEST_CASE("a fate that is met later counts from there") {
    auto way = pipe_with({});
    way.put(0, bytes_of("hello"));
    CHECK(leaves(way, 0) == "hello");
    way.meet({0, 0, 1'000, {}, 2});
    way.put(0, bytes_of("there"));
    CHECK(leaves(way, 0) == "th");
}

}  // namespace parley::chaos
