#include "server/backbone/append_line.hpp"

#include "server/backbone/known_places.hpp"
#include "server/backbone/settlements.hpp"
#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

std::vector<append_item> items(std::size_t count, std::uint64_t room = 1) {
    std::vector<append_item> made(count);
    for (std::size_t i = 0; i < count; ++i) {
        made[i].event.room = {{2, room}};
        made[i].event.id = {{{1, 1}}, {{room, i + 1}}};
    }
    return made;
}

struct bench {
    void put(std::uint64_t epoch, std::vector<append_item> some) {
        line.put(epoch, std::move(some), [this](appended got) { told.push_back(std::move(got)); });
    }

    static void tell(append_line::answered answers) {
        for (const auto& one : answers)
            one();
    }

    void answer(judgement what) {
        tell(line.answer_next(std::vector(line.next().size(), append_answer{what, {}})));
    }

    append_line line;
    std::vector<appended> told;
};

}  // namespace

TEST_CASE("a call is the same until it is answered") {
    bench b;
    b.put(1, items(100));
    b.put(1, items(3, 2));
    const auto* first = b.line.next().front();
    CHECK(b.line.next().size() == limits::append_ops);
    CHECK(b.line.next().front() == first);
    b.answer(judgement::placed);
    CHECK(b.told.empty());
    CHECK(b.line.next().size() == 100 - limits::append_ops);
    b.answer(judgement::placed);
    REQUIRE(b.told.size() == 1);
    CHECK(b.told[0].answers.size() == 100);
    CHECK(b.line.next().size() == 3);
    b.answer(judgement::duplicate);
    CHECK(b.line.empty());
    CHECK(b.told.size() == 2);
}

TEST_CASE("what follows an op of its room that was not placed is skipped, over calls too") {
    bench b;
    b.put(1, items(limits::append_ops + 5));
    b.answer(judgement::stale);
    REQUIRE(b.told.size() == 1);
    CHECK(b.told[0].answers.front().what == judgement::stale);
    CHECK(b.told[0].answers.back().what == judgement::skipped);
}

TEST_CASE("an epoch ends with an answer for everything that was put for it") {
    bench b;
    b.put(1, items(100));
    b.put(2, items(1));
    b.answer(judgement::placed);
    (void)b.line.next();
    bench::tell(b.line.begin(2));
    REQUIRE(b.told.size() == 1);
    CHECK(b.told[0].answers.front().what == judgement::placed);
    CHECK(b.told[0].answers.back().what == judgement::lost);
    CHECK(b.line.next().size() == 1);
}

TEST_CASE("what was asked waits for its answer, the rest is refused for now") {
    bench b;
    b.put(1, items(2));
    b.put(1, items(3, 2));
    (void)b.line.next();
    bench::tell(b.line.refuse_unasked());
    REQUIRE(b.told.size() == 1);
    CHECK(b.told[0].answers[2].what == judgement::busy);
    CHECK(b.line.next().size() == 2);
    b.answer(judgement::placed);
    CHECK(b.told.size() == 2);
}

TEST_CASE("settlements are said as one until they are acknowledged") {
    const room_id tea{{2, 1}};
    const room_id jam{{2, 2}};
    settlements all;
    all.put({5, 4, {{tea, 3}}, {{tea, {2, errc::duplicate, 1}}}});
    all.put({5, 9, {{tea, 6}, {jam, 1}}, {}, {jam}});
    auto said = all.all();
    CHECK(said.epoch == 5);
    CHECK(said.upto == 9);
    REQUIRE(said.rooms.size() == 2);
    CHECK(said.rooms[0].w == 6);
    CHECK(said.voids.size() == 1);
    CHECK(said.halted.size() == 1);
    all.acknowledge(4);
    CHECK(all.all().voids.empty());
    all.acknowledge(9);
    CHECK(all.empty());
    all.put({5, 10, {}, {}});
    all.begin(6);
    CHECK(all.empty());
}

TEST_CASE("a process knows where the changes stand that it has read") {
    known_places places;
    const room_id tea{{2, 1}};
    const auto change = [](std::uint64_t n) { return change_id{{{1, 1}}, {{9, n}}}; };
    const auto count = limits::log_settled_entries + 10;
    for (std::uint64_t n = 1; n <= count; ++n) {
        placed_entry entry;
        entry.n = n + n / 100;  // settlements stand between
        entry.event.room = tea;
        entry.event.id = change(n);
        entry.event.seq = n;
        entry.event.kind = change_kind::message;
        places.place(entry);
    }
    const std::vector some{change(1), change(5), change(count), change(count + 1)};
    CHECK(places.find(tea, some)[0].seq == 1);
    CHECK(places.find({{2, 9}}, some)[0].seq == 0);
    CHECK(places.provisional());
    places.settle({1, count + count / 100, {{tea, count}}, {{tea, {count, errc::duplicate, 7}}}});
    CHECK_FALSE(places.provisional());
    const auto found = places.find(tea, some);
    CHECK(found[0].seq == 0);
    CHECK(found[1].seq == 0);
    CHECK(found[2].kind == change_kind::nothing);
    CHECK(found[2].duplicate_of == 7);
    CHECK(found[3].seq == 0);
    CHECK(places.find(tea, std::vector{change(11)})[0].seq == 11);
}
