#include "shared/base/errors.hpp"

#include "tests/support/catch.hpp"

#include <set>
#include <string>

using namespace parley;

TEST_CASE("every code has a name and a sentence of its own") {
    std::set<std::string_view> names, sentences;
    int known = 0;
    for (std::uint16_t i = 0; i < 1000; ++i) {
        const auto code = static_cast<errc>(i);
        if (name_of(code) == "unknown") continue;
        ++known;
        names.insert(name_of(code));
        sentences.insert(sentence_of(code));
        CHECK(sentence_of(code).back() != '.');
    }
    CHECK(known > 40);
    CHECK(names.size() == static_cast<std::size_t>(known));
    CHECK(sentences.size() == static_cast<std::size_t>(known));
}

TEST_CASE("a code of a later version is still said in words") {
    CHECK(name_of(static_cast<errc>(999)) == "unknown");
    CHECK_FALSE(sentence_of(static_cast<errc>(999)).empty());
}

TEST_CASE("only what may pass is transient") {
    CHECK(is_transient(errc::busy));
    CHECK(is_transient(errc::rate_limited));
    CHECK(is_transient(errc::after_missing));
    CHECK_FALSE(is_transient(errc::conflict));
    CHECK_FALSE(is_transient(errc::not_member));
}
