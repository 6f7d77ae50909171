#include "recorder/recording.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/recorded_worker.hpp"

namespace parley::testing {

using namespace recorder;

namespace {

unreadable why(byte_view file) {
    const auto read = read_file(file);
    REQUIRE_FALSE(read);
    return read.error();
}

}  // namespace

TEST_CASE("a recording reads back as it was written") {
    auto all = a_talk();
    all.flights.push_back({3, "out of memory", {}});
    all.flights[0].moments.back().returned = false;
    all.flights[0].moments.back().gave.patch_digest.reset();
    const auto file = write_file(all);
    const auto read = read_file(file);
    REQUIRE(read);
    CHECK(write_file(*read) == file);
    CHECK_FALSE(read->masked);
    CHECK(read->program == "a test");
    REQUIRE(read->flights.size() == 2);
    CHECK(read->flights[1].forgotten == 3);
    CHECK(read->flights[1].end == "out of memory");
    REQUIRE(read->flights[0].moments.size() == all.flights[0].moments.size());
    for (std::size_t i = 0; i < all.flights[0].moments.size(); ++i) {
        const auto& was = all.flights[0].moments[i];
        const auto& is = read->flights[0].moments[i];
        CHECK(is.kind == was.kind);
        CHECK(is.returned == was.returned);
        CHECK(is.mono_ms == was.mono_ms);
        CHECK(is.wall_ms == was.wall_ms);
        CHECK(is.fact == was.fact);
        CHECK(same(was.gave, is.gave));
    }
}

TEST_CASE("a recording that is damaged anywhere is refused") {
    const auto file = write_file(a_talk());
    for (std::size_t at = 0; at < file.size(); ++at) {
        for (const int flipped : {0x01, 0x80, 0xff}) {
            auto damaged = file;
            damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flipped);
            INFO("byte " << at << " of " << file.size());
            REQUIRE_FALSE(read_file(damaged));
        }
    }
    auto damaged = file;
    damaged[file.size() / 2] ^= 1;
    CHECK(why(damaged) == unreadable::damaged);
}

TEST_CASE("a recording that is cut anywhere, or has more behind it, is refused by name") {
    const auto file = write_file(a_talk());
    for (std::size_t size = 0; size < file.size(); ++size) {
        INFO("cut at " << size);
        REQUIRE(why(byte_view(file).first(size)) ==
                (size < 8 ? unreadable::no_recording : unreadable::cut_short));
    }
    auto longer = file;
    longer.push_back(0);
    CHECK(why(longer) == unreadable::longer);
}

TEST_CASE("what is no recording, or one of a newer program, is refused by name") {
    const std::string letter = "Dear Parley, nothing works any more. What shall I do?";
    CHECK(why({reinterpret_cast<const std::uint8_t*>(letter.data()), letter.size()}) ==
          unreadable::no_recording);
    const bytes body{1, 2, 3};
    CHECK(why(enveloped(body, format_version + 1)) == unreadable::newer);
    CHECK(why(enveloped(body, 0)) == unreadable::damaged);
    CHECK(why(enveloped(body, format_version)) == unreadable::damaged);
    for (const auto each : {unreadable::no_recording, unreadable::newer, unreadable::cut_short,
                            unreadable::longer, unreadable::damaged})
        CHECK_FALSE(sentence_of(each).empty());
}

TEST_CASE("a body that says more than it has, at any of its bytes, is refused or read, and never followed") {
    const auto file = write_file(a_talk());
    const bytes body(file.begin() + 20, file.end() - 8);
    REQUIRE(read_body(body));
    for (std::size_t at = 0; at < body.size(); ++at) {
        auto bad = body;
        bad[at] ^= 0xff;
        (void)read_body(bad);
        CHECK_FALSE(read_body(byte_view(body).first(at)));
    }
    bytes greedy{0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
    CHECK_FALSE(read_body(greedy));
}

}  // namespace parley::testing
