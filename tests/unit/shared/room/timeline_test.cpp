#include "shared/room/timeline.hpp"

#include "shared/base/limits.hpp"
#include "shared/room/room_state.hpp"
#include "tests/support/catch.hpp"

namespace parley::testing {

namespace {

constexpr user_id self{{1, 1}};
constexpr user_id other{{2, 2}};

wire::event message(std::uint64_t seq, user_id author = other, std::uint64_t epoch = 1) {
    wire::event event;
    event.seq = seq;
    event.epoch = epoch;
    event.id = {author, op_id{{seq, epoch}}};
    event.kind = change_kind::message;
    event.text = "text";
    return event;
}

timeline held(std::uint64_t n, std::uint64_t w) {
    timeline log{self};
    REQUIRE(log.begin(0, true, 1));
    for (std::uint64_t seq = 1; seq <= n; ++seq)
        REQUIRE(log.hear(message(seq)) == timeline::heard::taken);
    log.settle({{}, 1, w, {}});
    return log;
}

}  // namespace

TEST_CASE("a timeline takes what follows, knows repeats, and refuses gaps") {
    auto log = held(3, 2);
    CHECK(log.hear(message(2)) == timeline::heard::repeated);
    CHECK(log.hear(message(5)) == timeline::heard::gap);
    CHECK(log.hear(message(4)) == timeline::heard::taken);
    CHECK(log.head() == 4);
    CHECK(log.w() == 2);
    CHECK(log.cursor().seq == 2);
    CHECK(log.cursor().epoch == 1);
}

TEST_CASE("a watermark settles rows of its own epoch only, and no further than what is held") {
    auto log = held(3, 1);
    CHECK(log.settle({{}, 2, 3, {}}) == 1);
    CHECK(log.w() == 1);
    CHECK(log.settle({{}, 1, 9, {}}) == 1);
    CHECK(log.w() == 3);
    log.settle({{}, 1, 2, {}});
    CHECK(log.w() == 3);
}

TEST_CASE("the cursor carries the epoch of its event, not of the watermark") {
    timeline log{self};
    REQUIRE(log.begin(0, true, 7));
    log.hear(message(1, other, 3));
    log.settle({{}, 7, 1, {}});
    CHECK(log.cursor().epoch == 3);
}

TEST_CASE("a page that goes on from elsewhere changes nothing") {
    auto log = held(3, 2);
    CHECK_FALSE(log.begin(1, false, 1));
    CHECK(log.head() == 3);
}

TEST_CASE("what a void takes away stays visible as withdrawn, but for one's own") {
    auto log = held(0, 0);
    log.hear(message(1));
    log.hear(message(2, self));
    log.settle({{}, 1, 2, {{1, errc::store_refused, 0}, {2, errc::store_refused, 0}}});
    CHECK(log.rows()[0].kind == change_kind::nothing);
    CHECK(log.rows()[1].code == errc::store_refused);
    REQUIRE(log.faded().size() == 1);
    CHECK(log.faded()[0].event.id.author == other);
    CHECK(log.faded()[0].withdrawn);
}

TEST_CASE("voids of committed places are ignored") {
    auto log = held(2, 2);
    log.settle({{}, 1, 2, {{1, errc::store_refused, 0}}});
    CHECK(log.rows()[0].kind == change_kind::message);
}

TEST_CASE("older pages are taken where they touch, whole and in order") {
    timeline log{self};
    REQUIRE(log.begin(10, true, 1));
    log.hear(message(11));
    log.settle({{}, 1, 11, {}});
    CHECK_FALSE(log.extend(5, 9, {message(6)}));
    CHECK(log.held_from() == 10);
    CHECK(log.extend(8, 10, {message(10), message(9), message(10), message(3)}));
    REQUIRE(log.rows().size() == 3);
    CHECK(log.rows()[0].seq == 9);
    CHECK(log.held_from() == 8);
}

TEST_CASE("what faded and found another place below is drawn there alone") {
    timeline log{self};
    REQUIRE(log.begin(10, true, 1));
    log.hear(message(11));
    log.settle({{}, 1, 11, {}});
    const auto lost = message(12);
    log.hear(lost);
    log.truncate(2, 11);
    REQUIRE(log.faded().size() == 1);
    auto returned = message(10);
    returned.id = lost.id;
    REQUIRE(log.extend(9, 10, {returned}));
    CHECK(log.faded().empty());
}

TEST_CASE("trimming forgets the oldest and says so by where it begins") {
    auto log = held(10, 8);
    log.trim(4);
    CHECK(log.held_from() == 6);
    CHECK(log.rows().front().seq == 7);
    log.trim(1);
    CHECK(log.rows().front().seq == 8);  // the cursor's row and what is provisional stay
    CHECK(log.cursor().seq == 8);
}

TEST_CASE("withdrawn rows are bounded") {
    auto log = held(0, 0);
    for (std::uint64_t epoch = 2; epoch < 200; ++epoch) {
        log.hear(message(1, other, epoch));
        log.truncate(epoch, 0);
        log.repeated_all();
    }
    CHECK(log.faded().size() == limits::snapshot_events);
}

TEST_CASE("a fresh snapshot says nothing of provisional rows below it") {
    auto log = held(3, 2);
    REQUIRE(log.begin(50, true, 2));
    log.repeated_all();
    CHECK(log.faded().empty());
    CHECK(log.rows().empty());
}

TEST_CASE("a room is what its frames and the events since have made it") {
    timeline log = held(1, 1);
    room_state room{room_id{{9, 9}}};
    wire::room frame;
    frame.name = "general";
    frame.members = 5;
    frame.w = 1;
    frame.joined = true;
    room.told(frame, log);
    auto join = message(2);
    join.kind = change_kind::join;
    room.fold(join);
    room.fold(join);
    CHECK(room.members == 6);
    auto counted = message(1);
    counted.kind = change_kind::leave;
    room.fold(counted);
    CHECK(room.members == 6);
}

TEST_CASE("read marks merge by maximum") {
    timeline log = held(3, 3);
    room_state room{room_id{{9, 9}}};
    wire::room frame;
    frame.w = 3;
    room.told(frame, log);
    CHECK(room.unread(log, self) == 3);
    CHECK(room.mark_read(2));
    CHECK_FALSE(room.mark_read(1));
    CHECK(room.unread(log, self) == 1);
    frame.read = 1;
    room.told(frame, log);
    CHECK(room.read == 2);
}

}  // namespace parley::testing
