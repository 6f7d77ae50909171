#include "recorder/masking.hpp"

#include "recorder/replay.hpp"
#include "recorder/sealing.hpp"
#include "shared/base/utf8.hpp"
#include "shared/client/records.hpp"
#include "shared/wire/validate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/recorded_worker.hpp"

#include <algorithm>

namespace parley::testing {

using namespace recorder;

namespace {

constexpr hash_key secret{1, 2};

bool holds(byte_view all, std::string_view text) {
    return std::string_view(reinterpret_cast<const char*>(all.data()), all.size()).find(text) !=
           std::string_view::npos;
}

bool holds_a_word(byte_view all) {
    constexpr std::string_view words[] = {"left behind", "half a thought", "heron", "reeds", "🦆",
                                          "Grüße",       "Mühle",          "water", "birds"};
    return std::any_of(std::begin(words), std::end(words), [&](auto word) { return holds(all, word); });
}

std::size_t differences(const flight& recorded) {
    replay again;
    std::size_t found = 0;
    for (const auto& moment : recorded.moments)
        found += !same(moment.gave, again.play(moment));
    return found;
}

}  // namespace

TEST_CASE("filler has the length of what it hides, and says nothing of it") {
    const masking masks{secret};
    for (const std::string text :
         {"hello", "a b", "Grüße\nan alle", "你好, 世界", "🦆🦆", "x", "tab\there"}) {
        const auto filler = masks.filler(text);
        INFO(text);
        CHECK(filler.size() == text.size());
        CHECK(valid_utf8(filler));
        CHECK(count_code_points(filler) == count_code_points(text));
        CHECK(check_message(filler));
        CHECK(masks.filler(text) == filler);
        CHECK(std::count(filler.begin(), filler.end(), '\n') == std::count(text.begin(), text.end(), '\n'));
        CHECK(filler.find(' ') == std::string::npos);
    }
    CHECK(masks.filler("hello there") != masks.filler("hello where"));
    CHECK(masks.filler("hello there") != masking{{1, 3}}.filler("hello there"));
}

TEST_CASE("filler is refused for the reason for which the text is") {
    const masking masks{secret};
    CHECK(masks.filler(" \n ") == " \n ");
    CHECK(masks.filler("").empty());
    CHECK_FALSE(valid_utf8(masks.filler("bad \xc3 text")));
    CHECK(masks.filler("bad \xc3 text").size() == 10);
    CHECK(has_nul(masks.filler(std::string("a\0b", 3))));
}

TEST_CASE("a recording plays again and equals itself") {
    const auto all = a_talk();
    REQUIRE(whole(all.flights[0]));
    CHECK(differences(all.flights[0]) == 0);
    CHECK(holds_a_word(write_file(all)));
}

TEST_CASE("a masked recording plays again, and holds no word that was said") {
    auto all = a_talk();
    const auto open = all.flights[0];
    mask(all, secret);
    CHECK(all.masked);
    const auto& masked = all.flights[0];
    CHECK(differences(masked) == 0);
    CHECK_FALSE(holds_a_word(write_file(all)));
    for (std::size_t i = 0; i < open.moments.size(); ++i) {
        INFO("moment " << i);
        CHECK(masked.moments[i].fact.size() == open.moments[i].fact.size());
        CHECK(masked.moments[i].gave.effects.size() == open.moments[i].gave.effects.size());
        CHECK(masked.moments[i].gave.patch_size == open.moments[i].gave.patch_size);
    }
}

TEST_CASE("a flight that begins in the middle is masked as it was recorded, without digests") {
    auto all = a_talk();
    auto& flight = all.flights[0];
    flight.moments.erase(flight.moments.begin(), flight.moments.begin() + 2);
    flight.forgotten = 2;
    CHECK_FALSE(whole(flight));
    auto sizes = flight.moments;
    mask(all, secret);
    CHECK_FALSE(holds_a_word(write_file(all)));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        CHECK(flight.moments[i].gave.effects.size() == sizes[i].gave.effects.size());
        CHECK_FALSE(flight.moments[i].gave.patch_digest);
    }
}

TEST_CASE("a flight that can't be played is masked as it was recorded") {
    auto all = a_talk();
    const auto sizes = all.flights[0].moments;
    mask(all, secret, false);
    CHECK_FALSE(holds_a_word(write_file(all)));
    for (std::size_t i = 0; i < sizes.size(); ++i)
        CHECK(all.flights[0].moments[i].gave.effects.size() == sizes[i].gave.effects.size());
    CHECK(differences(all.flights[0]) == 0);  // so masking the facts masks the effects alike
}

TEST_CASE("a difference between a recording and its replay outlives the masking") {
    auto all = a_talk();
    auto& moments = all.flights[0].moments;
    const auto said = std::find_if(moments.begin(), moments.end(),
                                   [](const auto& moment) { return holds(moment.fact, own_text); });
    REQUIRE(said != moments.end());
    REQUIRE(!said->gave.effects.empty());
    said->gave.effects.resize(said->gave.effects.size() - 8);  // as if the worker's core had said less
    mask(all, secret);
    CHECK(differences(all.flights[0]) == 1);
    CHECK_FALSE(holds_a_word(write_file(all)));
}

TEST_CASE("a flight whose core ended is masked up to its end") {
    auto all = a_talk();
    auto& moments = all.flights[0].moments;
    moments.back().returned = false;
    moments.back().gave = {};
    mask(all, secret);
    CHECK_FALSE(moments.back().returned);
    CHECK_FALSE(holds_a_word(write_file(all)));
}

TEST_CASE("what can't be read is filled as a whole") {
    const masking masks{secret};
    bytes garbage(40, 0x41);
    masks.fact(garbage);
    CHECK(std::count(garbage.begin(), garbage.end(), 'x') == 40);
    recorded_worker worker;
    worker.start({{"outbox/1/op/2", {1, 1, 's', 'e', 'c', 'r', 'e', 't', ' ', 'w', 'o', 'r', 'd'}}});
    bytes broken{16, 0, 0, 0, 's', 'e', 'c', 'r', 'e', 't', ' ', 'w', 'o', 'r', 'd', '!', 0, 0, 0, 0};
    worker.hear(broken);
    worker.hear({'s', 'e', 'c', 'r', 'e', 't'});
    for (auto& moment : worker.flight.moments) {
        masks.fact(moment.fact);
        masks.effects(moment.gave.effects);
        CHECK_FALSE(holds(moment.fact, "secret"));
        CHECK_FALSE(holds(moment.gave.effects, "secret"));
    }
}

TEST_CASE("a frame of a later version is skipped as before, and says nothing") {
    const masking masks{secret};
    flatbuffers::FlatBufferBuilder b;
    const auto unknown = b.CreateString("secret caption, long enough to matter");
    const auto start = b.StartTable();
    b.AddOffset(4, unknown);
    const auto body = b.EndTable(start);
    const auto frame_start = b.StartTable();
    b.AddOffset(6, flatbuffers::Offset<void>(body));
    b.AddElement<std::uint8_t>(4, 99, 0);
    b.FinishSizePrefixed(flatbuffers::Offset<void>(b.EndTable(frame_start)));
    bytes message(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
    message.resize((message.size() + 7) / 8 * 8);
    const auto skipped = [](byte_view all) {
        const auto read = wire::decode_down(wire::frame_reader{all}.next());
        return read && std::holds_alternative<wire::skipped>(*read);
    };
    REQUIRE(skipped(message));
    recorded_worker worker;
    worker.hear(message);
    auto& fact = worker.flight.moments[0].fact;
    masks.fact(fact);
    CHECK_FALSE(holds(fact, "secret"));
    const auto* masked = local::Getfact_in(fact.data())->fact_as_bytes_arrived()->message();
    const bytes after(masked->begin(), masked->end());
    CHECK(after.size() == message.size());
    CHECK(skipped(after));
}

}  // namespace parley::testing
