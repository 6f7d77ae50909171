#include "shared/wire/codec.hpp"

#include "shared/base/limits.hpp"
#include "shared/base/random.hpp"
#include "shared/wire/parley_generated.h"
#include "tests/support/catch.hpp"

#include <cstring>
#include <string>

using namespace parley;
using namespace parley::wire;

namespace {

const ulid one{0x0123456789abcdefu, 0xfedcba9876543210u};

op sample_op() {
    return {op_id{one}, room_id{{3, 4}}, op_id{{5, 6}}, 7, 8, true, change_kind::message, "", "hello"};
}

event sample_event() {
    event e;
    e.room = room_id{{1, 2}};
    e.seq = 17;
    e.epoch = 1'700'000'000'123;
    e.id = {user_id{{3, 4}}, op_id{one}};
    e.author_name = "ann";
    e.time_ms = 1'700'000'000'000;
    e.kind = change_kind::message;
    e.text = "grüße";
    return e;
}

template <class Frame>
bytes encoded(const Frame& frame) {
    bytes message;
    append(message, frame);
    return message;
}

byte_view only_frame(const bytes& message) {
    frame_reader frames{message};
    const auto frame = frames.next();
    CHECK(frames.next().empty());
    CHECK_FALSE(frames.malformed());
    return frame;
}

template <class Frame>
Frame up(const Frame& frame) {
    const auto message = encoded(frame);
    auto decoded = decode_up(only_frame(message));
    REQUIRE(decoded);
    REQUIRE(std::holds_alternative<Frame>(*decoded));
    return std::get<Frame>(*decoded);
}

template <class Frame>
Frame down(const Frame& frame) {
    const auto message = encoded(frame);
    auto decoded = decode_down(only_frame(message));
    REQUIRE(decoded);
    REQUIRE(std::holds_alternative<Frame>(*decoded));
    return std::get<Frame>(*decoded);
}

}  // namespace

TEST_CASE("an op says the same after the journey") {
    const auto o = up(sample_op());
    CHECK(o.id == op_id{one});
    CHECK(o.room == room_id{{3, 4}});
    CHECK(o.after == op_id{{5, 6}});
    CHECK(o.since == 7);
    CHECK(o.offer == 8);
    CHECK(o.again);
    CHECK(o.kind == change_kind::message);
    CHECK(o.text == "hello");
}

TEST_CASE("an op without predecessor is read as one") {
    auto o = sample_op();
    o.after = {};
    CHECK(up(o).after.is_zero());
}

TEST_CASE("hello, subscribe, settle, request, receipt and ping say the same after the journey") {
    CHECK(up(hello{1, user_id{one}, device_id{{9, 9}}, "parley-web"}).program == "parley-web");
    const auto s = up(subscribe{4, room_id{one}, 12, 99});
    CHECK((s.request == 4 && s.seq == 12 && s.epoch == 99));
    const auto asked = up(settle{5, room_id{one}, {op_id{{1, 1}}, op_id{{2, 2}}}});
    CHECK(asked.ops == std::vector<op_id>{op_id{{1, 1}}, op_id{{2, 2}}});
    const auto r = up(request{6, question::members, room_id{one}, 3, "k", 50});
    CHECK((r.ask == question::members && r.key == "k" && r.limit == 50 && r.before == 3));
    CHECK(up(receipt{room_id{one}, 5}).read == 5);
    CHECK(up(ping{77}).n == 77);
    CHECK(up(unsubscribe{room_id{one}}).room == room_id{one});
}

TEST_CASE("an event says the same after the journey") {
    const auto e = down(sample_event());
    CHECK(e.seq == 17);
    CHECK(e.epoch == 1'700'000'000'123);
    CHECK(e.id == sample_event().id);
    CHECK(e.author_name == "ann");
    CHECK(e.time_ms == 1'700'000'000'000);
    CHECK(e.text == "grüße");
}

TEST_CASE("what a hub says of rooms, replies and marks is the same after the journey") {
    room r;
    r.id = room_id{one};
    r.name = "general";
    r.joined = true;
    r.unread = 3;
    r.may_leave = false;
    const auto told = down(r);
    CHECK((told.name == "general" && told.joined && told.unread == 3 && !told.may_leave));

    reply answer;
    answer.request = 9;
    answer.members = {{user_id{{1, 1}}, "ann", 4}};
    answer.rooms = {r, r};
    answer.code = errc::not_member;
    const auto said = down(answer);
    CHECK((said.members.size() == 1 && said.members[0].name == "ann" && said.rooms.size() == 2));
    CHECK(said.code == errc::not_member);

    const auto mark =
        down(watermark{room_id{one}, 8, 20, {{19, errc::store_refused, 0}, {20, errc::duplicate, 4}}});
    CHECK((mark.w == 20 && mark.voids.size() == 2 && mark.voids[1].duplicate_of == 4));

    op_reply verdict;
    verdict.outcome = outcome::later;
    verdict.code = errc::rate_limited;
    verdict.retry_ms = 900;
    CHECK((down(verdict).code == errc::rate_limited && down(verdict).retry_ms == 900));
    CHECK(down(error_frame{errc::unsupported_version, "x", {1}}).versions == std::vector<std::uint16_t>{1});
    CHECK(down(welcome{{}, {}, "ann", 5, 6, 10, 10000, 4, "1.0"}).tokens == 4);
    CHECK(down(pong{1, 2, 3}).digest == 3);
    CHECK(down(going_away{500}).retry_ms == 500);
    CHECK(down(lost{5}).epoch == 5);
    CHECK(down(behind{room_id{one}}).room == room_id{one});
    CHECK(down(truncated{room_id{one}, 5, 6}).after == 6);
    CHECK(down(page{1, room_id{one}, 2, true, 3}).fresh);
}

TEST_CASE("frames of one message are cut apart where they were put together") {
    bytes message;
    append(message, ping{1});
    append(message, sample_op());
    append(message, ping{2});
    CHECK(message.size() % 8 == 0);
    frame_reader frames{message};
    CHECK(std::get<ping>(*decode_up(frames.next())).n == 1);
    CHECK(std::get<op>(*decode_up(frames.next())).text == "hello");
    CHECK(std::get<ping>(*decode_up(frames.next())).n == 2);
    CHECK(frames.next().empty());
    CHECK_FALSE(frames.malformed());
}

TEST_CASE("a message cut anywhere is malformed or ends between two frames") {
    bytes message;
    append(message, ping{1});
    const auto first = message.size();
    append(message, sample_op());
    for (std::size_t size = 1; size < message.size(); ++size) {
        const bytes part(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
        frame_reader frames{part};
        while (!frames.next().empty()) {
        }
        CHECK(frames.malformed() == (size != first));
    }
}

TEST_CASE("a prefix that names more or less than a frame is malformed") {
    for (const std::uint32_t prefix : {0u, 3u, 0xffffffffu, 0x7fffffffu, 4096u}) {
        auto message = encoded(ping{1});
        std::memcpy(message.data(), &prefix, sizeof prefix);
        frame_reader frames{message};
        CHECK(frames.next().empty());
        CHECK(frames.malformed());
    }
}

TEST_CASE("corrupted frames are refused or read, and never more than that") {
    random_source random{11};
    int refused = 0;
    for (int i = 0; i < 20000; ++i) {
        auto message = i % 2 ? encoded(sample_op()) : encoded(sample_event());
        const auto flips = 1 + random.below(4);
        for (std::uint64_t k = 0; k < flips; ++k)
            message[4 + random.below(static_cast<std::uint32_t>(message.size() - 4))] ^=
                static_cast<std::uint8_t>(1 + random.below(255));
        frame_reader frames{message};
        const auto frame = frames.next();
        REQUIRE_FALSE(frame.empty());
        refused += i % 2 ? !decode_up(frame) : !decode_down(frame);
    }
    CHECK(refused > 1000);
}

TEST_CASE("a frame that goes the other way is skipped") {
    const auto message = encoded(sample_event());
    CHECK(std::holds_alternative<skipped>(*decode_up(only_frame(message))));
    const auto other = encoded(ping{1});
    CHECK(std::holds_alternative<skipped>(*decode_down(only_frame(other))));
}

TEST_CASE("an unknown kind of frame is skipped") {
    flatbuffers::FlatBufferBuilder b;
    const auto body = v1::Createping(b, 1).Union();
    b.FinishSizePrefixed(v1::Createframe(b, static_cast<v1::body>(200), body));
    const byte_view frame{b.GetBufferPointer(), b.GetSize()};
    const auto decoded = decode_up(frame);
    REQUIRE(decoded);
    CHECK(std::holds_alternative<skipped>(*decoded));
}

TEST_CASE("strings that alias each other into megabytes are refused") {
    flatbuffers::FlatBufferBuilder b;
    const auto name = b.CreateString(std::string(1000, 'x'));
    std::vector<flatbuffers::Offset<v1::member>> members;
    for (int i = 0; i < 500; ++i)
        members.push_back(v1::Createmember(b, nullptr, name, 0));
    const auto list = b.CreateVector(members);
    b.FinishSizePrefixed(
        v1::Createframe(b, v1::body::reply, v1::Createreply(b, 1, 0, 0, 0, false, 0, 0, list).Union()));
    const auto decoded = decode_down({b.GetBufferPointer(), b.GetSize()});
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == errc::malformed);
}

TEST_CASE("bad text is named by its field") {
    auto bad = sample_event();
    bad.author_name = "a\xff";
    const auto message = encoded(bad);
    const auto decoded = decode_down(only_frame(message));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error() == error{errc::bad_text, "event.author_name"});

    const auto greeting = encoded(hello{1, {}, {}, std::string(65, 'p')});
    CHECK(decode_up(only_frame(greeting)).error() == error{errc::too_large, "hello.program"});
}

TEST_CASE("an op's bad text is kept, for its author is to be answered by name") {
    auto o = sample_op();
    o.text = std::string("a\0b", 3);
    CHECK(up(o).text.size() == 3);
}

TEST_CASE("a settle of more ops than allowed is too large") {
    settle many{1, room_id{one}, std::vector<op_id>(limits::settle_ops + 1)};
    const auto message = encoded(many);
    CHECK(decode_up(only_frame(message)).error().code == errc::too_large);
    many.ops.pop_back();
    CHECK(up(many).ops.size() == limits::settle_ops);
}
