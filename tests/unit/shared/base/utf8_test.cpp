#include "shared/base/utf8.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace parley;

TEST_CASE("well-formed UTF-8 is accepted at every boundary of its ranges") {
    for (const std::string text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                   "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(valid_utf8(text));
}

TEST_CASE("overlong forms, surrogates, stray and missing bytes are refused") {
    for (const std::string text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82",
          "\xf0\x9f\x98", "\xc2\x41", "abcdefgh\xff", "abcdefg\xff"})
        CHECK_FALSE(valid_utf8(text));
}

TEST_CASE("a fault is found wherever it stands in a long text") {
    for (std::size_t at = 0; at < 40; ++at) {
        std::string text(40, 'x');
        text[at] = '\x80';
        CHECK_FALSE(valid_utf8(text));
    }
}

TEST_CASE("people count code points, not bytes") {
    CHECK(count_code_points("") == 0);
    CHECK(count_code_points("häß") == 3);
    CHECK(count_code_points("日本😀") == 3);
}
