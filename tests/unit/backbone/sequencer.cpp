#include "server/backbone/sequencer.hpp"

#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

constexpr std::uint64_t epoch = 5;
const room_id tea{{2, 1}};
const room_id coffee{{2, 2}};
const user_id ann{{1, 1}};

append_item op(std::uint64_t n, room_id room = tea, change_kind kind = change_kind::message) {
    append_item item;
    item.event.room = room;
    item.event.id = {ann, {{9, n}}};
    item.event.kind = kind;
    item.event.text = "x";
    item.hash = n;
    return item;
}

/// One call at a time, at a time that moves only when told.
struct bench {
    sequencer judge{epoch};
    std::vector<placed_entry> placed;
    std::int64_t now_ms = 0;

    append_answer append(const append_item& item) { return append_all({item})[0]; }

    std::vector<append_answer> append_all(std::vector<append_item> items) {
        return judge.append(now_ms, judge.epoch(), items, placed);
    }

    bool settle(std::uint64_t upto, std::uint64_t w, std::vector<settled_void> voids = {}) {
        return judge.settle(now_ms, {epoch, upto, {{tea, w}}, std::move(voids)});
    }

    standing find(std::uint64_t n) {
        const change_id id{ann, {{9, n}}};
        return judge.find(epoch, tea, {&id, 1})[0];
    }
};

}  // namespace

TEST_CASE("a room's places are dense from its base on") {
    bench b;
    auto first = op(1);
    first.base = first.since = 41;
    CHECK(b.append(first).at.seq == 42);
    auto second = op(2);
    second.since = 41;
    second.base = 99;  // known by now
    CHECK(b.append(second).at.seq == 43);
    CHECK(b.append(op(3, coffee)).at.seq == 1);
    REQUIRE(b.placed.size() == 3);
    CHECK(b.placed[2].n == 3);
    CHECK(b.placed[2].event.epoch == epoch);
}

TEST_CASE("a repeat gets the place it has") {
    bench b;
    b.append(op(1));
    CHECK(b.append(op(1)).what == judgement::duplicate);
    CHECK(b.append(op(1)).at.seq == 1);
    auto other = op(1);
    other.hash = 77;
    CHECK(b.append(other).what == judgement::conflict);
    CHECK(b.append(op(1, coffee)).what == judgement::conflict);
    CHECK(b.placed.size() == 1);
}

TEST_CASE("an op and its discard share an id, and the first has it") {
    bench b;
    b.append(op(1));
    auto discard = op(1, tea, change_kind::nothing);
    discard.hash = 99;
    CHECK(b.append(discard).what == judgement::duplicate);
    CHECK(b.append(discard).at.kind == change_kind::message);

    auto early = op(2, tea, change_kind::nothing);
    early.event.code = errc::discarded;
    early.hash = 98;
    CHECK(b.append(early).what == judgement::placed);
    CHECK(b.append(op(2)).what == judgement::duplicate);
    CHECK(b.append(op(2)).at.kind == change_kind::nothing);
    CHECK(b.append(op(2)).at.code == errc::discarded);
}

TEST_CASE("an op follows the one before it in its lane") {
    bench b;
    auto second = op(2);
    second.after = op(1).event.id.op;
    CHECK(b.append(second).what == judgement::after_missing);
    b.append(op(1, coffee));
    CHECK(b.append(second).what == judgement::after_missing);  // of another room
    auto third = op(3);
    b.append(third);
    second.after = third.event.id.op;
    CHECK(b.append(second).what == judgement::placed);
}

TEST_CASE("what was not placed stops its room for the rest of the call") {
    bench b;
    b.append(op(9));
    auto orphan = op(1);
    orphan.after = {{9, 77}};
    const auto answers = b.append_all({orphan, op(2), op(3, coffee), op(9)});
    CHECK(answers[0].what == judgement::after_missing);
    CHECK(answers[1].what == judgement::skipped);
    CHECK(answers[2].what == judgement::placed);
    CHECK(answers[3].what == judgement::duplicate);
    CHECK(b.append(op(2)).what == judgement::placed);
}

TEST_CASE("a later fence makes an append stale, but not a void") {
    bench b;
    auto leave = op(1, tea, change_kind::leave);
    leave.fences = true;
    b.append(leave);
    CHECK(b.append(op(2)).what == judgement::stale);
    auto judged = op(2);
    judged.fence = 1;
    CHECK(b.append(judged).what == judgement::placed);
    CHECK(b.append(op(3, tea, change_kind::nothing)).what == judgement::placed);
}

TEST_CASE("another epoch answers lost to all") {
    bench b;
    std::vector<append_item> two{op(1), op(2)};
    const auto answers = b.judge.append(0, epoch + 1, two, b.placed);
    REQUIRE(answers.size() == 2);
    CHECK(answers[1].what == judgement::lost);
    CHECK(b.placed.empty());
    b.append(op(1));
    b.judge.begin(epoch + 1);
    auto again = op(1);
    again.base = again.since = 1;
    CHECK(b.append(again).at.seq == 2);
    CHECK(b.placed.back().n == 1);
}

TEST_CASE("a window that does not reach down asks for the store") {
    bench b;
    auto known = op(1);
    known.base = 10;
    known.since = 9;
    CHECK(b.append(known).what == judgement::ask);
    known.since = 10;
    CHECK(b.append(known).what == judgement::placed);
}

TEST_CASE("the window forgets what lies far below the settled place") {
    bench b;
    const auto most = limits::log_settled_entries;
    for (std::uint64_t n = 1; n <= most + 2; ++n) {
        REQUIRE(b.append(op(n)).what == judgement::placed);
        if (n % 1000 == 0) b.settle(n, n);
    }
    CHECK(b.find(2).seq == 2);
    CHECK(b.settle(most + 2, most + 2));
    CHECK(b.find(2).seq == 0);
    CHECK(b.find(3).seq == 3);
    auto fresh = op(20'000);
    fresh.since = 1;
    CHECK(b.append(fresh).what == judgement::ask);
    fresh.since = 2;
    CHECK(b.append(fresh).what == judgement::placed);
}

TEST_CASE("a settled void is known by its reason") {
    bench b;
    b.append(op(1));
    b.append(op(2));
    CHECK(b.settle(2, 2, {{tea, {2, errc::duplicate, 1}}}));
    CHECK(b.find(1).kind == change_kind::message);
    CHECK(b.find(2).kind == change_kind::nothing);
    CHECK(b.find(2).code == errc::duplicate);
    CHECK(b.find(2).duplicate_of == 1);
    CHECK_FALSE(b.settle(2, 2));
    CHECK_FALSE(b.judge.settle(0, {epoch - 1, 9, {}, {}}));
}

TEST_CASE("so many ops of a room stand above its watermark and no more") {
    bench b;
    for (std::uint64_t n = 1; n <= limits::room_provisional_ops; ++n) {
        REQUIRE(b.append(op(n)).what == judgement::placed);
    }
    CHECK(b.append(op(90'000)).what == judgement::busy);
    CHECK(b.append(op(1)).what == judgement::duplicate);
    CHECK(b.append(op(90'001, coffee)).what == judgement::placed);
    b.settle(1, 1);
    CHECK(b.append(op(90'000)).what == judgement::placed);
}

TEST_CASE("so many bytes of a room stand above its watermark and no more") {
    bench b;
    auto large = op(1);
    large.event.text.assign(limits::room_provisional_bytes / 2, 'x');
    CHECK(b.append(large).what == judgement::placed);
    large.event.id.op = {{9, 2}};
    CHECK(b.append(large).what == judgement::busy);
    CHECK(b.append(op(3)).what == judgement::placed);
}

TEST_CASE("a room that nobody stores is busy after a second") {
    bench b;
    b.append(op(1));
    b.append(op(2));
    b.now_ms = limits::room_provisional_ms;
    CHECK(b.append(op(3)).what == judgement::placed);
    b.now_ms = limits::room_provisional_ms + 1;
    CHECK(b.append(op(4)).what == judgement::busy);
    CHECK(b.append(op(5, coffee)).what == judgement::placed);
    b.settle(1, 1);  // it moves: not stuck
    CHECK(b.append(op(4)).what == judgement::placed);
}

TEST_CASE("a halted room takes nothing more, its neighbours do") {
    bench b;
    b.append(op(1));
    REQUIRE(b.judge.settle(0, {epoch, 1, {}, {}, {tea}}));
    CHECK(b.append(op(1)).what == judgement::duplicate);
    CHECK(b.append(op(2)).what == judgement::busy);
    CHECK(b.append(op(3, coffee)).what == judgement::placed);
    b.judge.begin(epoch + 1);
    CHECK(b.append(op(2)).what == judgement::placed);
}

TEST_CASE("an epoch that knows all the rooms it may places nothing more") {
    bench b{sequencer{epoch, 2}, {}};
    CHECK(b.append(op(1)).what == judgement::placed);
    CHECK_FALSE(b.judge.full());
    CHECK(b.append(op(2, coffee)).what == judgement::placed);
    CHECK(b.judge.full());
    CHECK(b.append(op(3)).what == judgement::busy);
    CHECK(b.append(op(4, room_id{{2, 3}})).what == judgement::busy);
    CHECK(b.append(op(1)).what == judgement::duplicate);
    b.judge.begin(epoch + 1);
    CHECK(b.append(op(4, room_id{{2, 3}})).what == judgement::placed);
}
