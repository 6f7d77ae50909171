#include "server/store/committer.hpp"

#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/placed.hpp"

using namespace parley;

namespace {

constexpr std::uint64_t epoch = 3;
const room_id tea{{2, 1}};
using kind = commit_outcome::kind;

const room_id coffee{{2, 2}};

log_entry_ptr event(std::uint64_t n, change_kind what = change_kind::message, std::uint64_t of = epoch,
                    room_id room = tea) {
    return testing::placed_at(n, room, n, of, what);
}

struct bench {
    committer machine{epoch};
    committer_effects out;
    instant now{0, 0};

    void give(const committer_fact& fact) {
        out.clear();
        machine.step(now, fact, out);
    }

    void log(std::vector<log_entry_ptr> entries) { give(entries_logged{std::move(entries)}); }

    void log(std::uint64_t from, std::uint64_t to) {
        std::vector<log_entry_ptr> entries;
        for (auto n = from; n <= to; ++n)
            entries.push_back(event(n));
        log(std::move(entries));
    }

    void answer(kind what, std::vector<settled_void> voids = {}) {
        give(commit_answered{{what, std::move(voids), what == kind::committed ? "" : "no"}});
    }

    [[nodiscard]] std::size_t writing() const { return out.write ? out.write->batch.events.size() : 0; }
};

}  // namespace

TEST_CASE("what arrives while a batch is written makes the next one") {
    bench b;
    b.log(1, 1);
    CHECK(b.writing() == 1);
    b.log(2, 3);
    b.log(4, 4);
    CHECK(b.writing() == 0);
    b.answer(kind::committed);
    REQUIRE(b.out.settles.size() == 1);
    CHECK(b.out.settles[0].upto == 1);
    CHECK(b.out.settles[0].rooms[0].w == 1);
    CHECK(b.writing() == 3);
    b.answer(kind::committed);
    CHECK(b.out.settles[0].upto == 4);
    CHECK(b.machine.drained());
}

TEST_CASE("a batch has its bounds") {
    bench b;
    b.log(1, limits::batch_ops + 1);
    CHECK(b.writing() == limits::batch_ops);

    bench heavy;
    std::vector<log_entry_ptr> entries;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        auto entry = std::get<placed_entry>(*event(n));
        entry.event.text.assign(limits::batch_bytes / 2, 'x');
        entries.push_back(std::make_shared<const log_entry>(entry));
    }
    heavy.log(entries);
    CHECK(heavy.writing() == 1);
}

TEST_CASE("a failed batch is written again, unchanged and later") {
    bench b;
    b.log(1, 2);
    b.answer(kind::failed);
    CHECK(b.writing() == 0);
    CHECK(b.out.settles.empty());
    CHECK(b.machine.deadline() == limits::commit_retry_min_ms);
    b.now.mono_ms = limits::commit_retry_min_ms;
    b.give(committer_due{});
    CHECK(b.writing() == 2);
    b.answer(kind::committed);
    CHECK(b.out.settles[0].upto == 2);
}

TEST_CASE("after five failures the store is left alone for half a minute") {
    bench b;
    b.log(1, 1);
    for (int i = 0; i < 5; ++i) {
        REQUIRE((i == 0 || b.writing() == 1));
        b.answer(kind::failed);
        if (i < 4) {
            b.now.mono_ms = *b.machine.deadline();
            b.give(committer_due{});
        }
    }
    REQUIRE(b.out.state);
    CHECK_FALSE(b.out.state->accepting);
    CHECK(b.machine.deadline() == b.now.mono_ms + 30'000);
    b.now.mono_ms += 30'000;
    b.give(committer_due{});
    CHECK(b.writing() == 1);
    b.answer(kind::committed);
    REQUIRE(b.out.state);
    CHECK(b.out.state->accepting);
    CHECK(b.out.state->why.empty());
}

TEST_CASE("a refused row is found and becomes a void, the others are stored") {
    bench b;
    const std::uint64_t bad = 6;
    std::vector<std::uint64_t> stored;
    std::vector<settled_void> voids;
    b.log(1, 10);
    for (int i = 0; i < 50 && b.out.write; ++i) {
        const auto write = *b.out.write;
        bool refused = false;
        for (const auto& entry : write.batch.events) {
            refused |= std::get<placed_entry>(*entry).n == bad && write.voided.empty();
        }
        if (!refused) {
            for (const auto& entry : write.batch.events)
                stored.push_back(std::get<placed_entry>(*entry).n);
        }
        b.answer(refused ? kind::row_refused : kind::committed);
        for (const auto& settled : b.out.settles)
            voids.insert(voids.end(), settled.voids.begin(), settled.voids.end());
    }
    CHECK(stored == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    REQUIRE(voids.size() == 1);
    CHECK(voids[0].place.seq == bad);
    CHECK(voids[0].place.code == errc::store_refused);
}

TEST_CASE("a refused change of members halts its room instead of being skipped") {
    bench b;
    b.log({event(1, change_kind::leave), event(2), event(3, change_kind::message, epoch, coffee)});
    while (b.writing() > 1)
        b.answer(kind::row_refused);
    CHECK(b.writing() == 1);
    b.answer(kind::row_refused);

    REQUIRE(b.out.settles.size() == 1);
    CHECK(b.out.settles[0].upto == 2);
    CHECK(b.out.settles[0].rooms.empty());
    REQUIRE(b.out.settles[0].halted.size() == 1);
    CHECK(b.out.settles[0].halted[0] == tea);
    REQUIRE(b.out.state);
    CHECK(b.out.state->accepting);
    CHECK(b.out.state->why.find(to_text(tea)) != std::string::npos);
    CHECK(b.out.state->why.find("members") != std::string::npos);

    REQUIRE(b.writing() == 1);
    CHECK(std::get<placed_entry>(*b.out.write->batch.events[0]).event.room == coffee);
    b.answer(kind::committed);
    REQUIRE(b.out.settles.size() == 1);
    CHECK(b.out.settles[0].upto == 3);
    CHECK_FALSE(b.out.state);  // it still says why
}

TEST_CASE("what a halted room is given all the same is passed over") {
    bench b;
    b.log({event(1, change_kind::join)});
    b.answer(kind::row_refused);
    b.log({event(2)});
    CHECK_FALSE(b.out.write);
    REQUIRE(b.out.settles.size() == 1);
    CHECK(b.out.settles[0].upto == 2);
    CHECK(b.machine.drained());

    b.log({event(3), event(4, change_kind::message, epoch, coffee), event(5)});
    b.answer(kind::committed);
    REQUIRE(b.out.settles.size() == 1);
    CHECK(b.out.settles[0].upto == 5);
}

TEST_CASE("a new epoch begins without halted rooms") {
    bench b;
    b.log({event(1, change_kind::join)});
    b.answer(kind::row_refused);
    b.log(
        {std::make_shared<const log_entry>(epoch_entry{epoch + 1}), event(1, change_kind::join, epoch + 1)});
    CHECK(b.writing() == 1);
    b.answer(kind::committed);
    REQUIRE(b.out.state);
    CHECK(b.out.state->why.empty());
}

TEST_CASE("repeats that the index caught are announced") {
    bench b;
    b.log(1, 2);
    b.answer(kind::committed, {{tea, {2, errc::duplicate, 1}}});
    REQUIRE(b.out.settles[0].voids.size() == 1);
    CHECK(b.out.settles[0].voids[0].place.duplicate_of == 1);
}

TEST_CASE("a new epoch forgets what the store does not have") {
    bench b;
    b.log(1, 2);
    b.log(3, 3);
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch + 1}),
           event(1, change_kind::message, epoch + 1)});
    b.answer(kind::committed);  // of the old epoch: whoever loads the rooms sees it
    CHECK(b.out.settles.empty());
    REQUIRE(b.writing() == 1);
    CHECK(b.out.write->batch.epoch == epoch + 1);
}

TEST_CASE("a store that was given up is asked again though its batch ended with its epoch") {
    bench b;
    b.log(1, 1);
    for (int failures = 0; failures < 5; ++failures) {
        b.answer(kind::failed);
        b.now.mono_ms = b.machine.deadline().value_or(b.now.mono_ms);
        if (failures < 4) b.give(committer_due{});
    }
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch + 1})});
    REQUIRE(b.out.write);
    CHECK(b.writing() == 0);
    CHECK(b.out.write->batch.epoch == epoch + 1);
    b.answer(kind::committed);
    REQUIRE(b.out.state);
    CHECK(b.out.state->accepting);
    CHECK_FALSE(b.machine.deadline());
}

TEST_CASE("read marks of an ended epoch are no sign that another process has taken over") {
    bench b;
    b.give(marks_gathered{{{user_id{{1, 1}}, tea, 1}}});
    b.now.mono_ms = b.machine.deadline().value();
    b.give(committer_due{});
    REQUIRE(b.out.write);
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch + 1})});
    b.answer(kind::superseded);
    CHECK_FALSE(b.out.state);
    b.log({event(1, change_kind::message, epoch + 1)});
    REQUIRE(b.out.write);
    CHECK(b.writing() == 1);
    CHECK(b.out.write->batch.marks.size() == 1);
}

TEST_CASE("who is superseded writes nothing more until a new epoch") {
    bench b;
    b.log(1, 1);
    b.answer(kind::superseded);
    REQUIRE(b.out.state);
    CHECK_FALSE(b.out.state->accepting);
    b.log(2, 2);
    CHECK(b.writing() == 0);
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch + 1}),
           event(1, change_kind::message, epoch + 1)});
    CHECK(b.writing() == 1);
    REQUIRE(b.out.state);
    CHECK(b.out.state->accepting);
}

TEST_CASE("who is superseded has nothing due, though read marks wait") {
    bench b;
    b.log(1, 1);
    b.give(marks_gathered{{{user_id{{1, 1}}, tea, 5}}});
    b.answer(kind::superseded);
    CHECK_FALSE(b.machine.deadline());
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch + 1})});
    CHECK(b.machine.deadline());
}

TEST_CASE("read marks under way when a new epoch begins supersede nobody") {
    bench b;
    b.give(marks_gathered{{{user_id{{1, 1}}, tea, 5}}});
    b.now.mono_ms = 2'000;
    b.give(committer_due{});
    REQUIRE(b.out.write.has_value());
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch + 1})});
    b.answer(kind::superseded);
    CHECK_FALSE(b.out.state.has_value());
    b.log({event(1, change_kind::message, epoch + 1)});
    REQUIRE(b.writing() == 1);
    REQUIRE(b.out.write->batch.marks.size() == 1);
    CHECK(b.out.write->batch.marks[0].read == 5);
}

TEST_CASE("read marks merge by maximum and ride along") {
    bench b;
    const user_id ann{{1, 1}};
    b.give(marks_gathered{{{ann, tea, 3}, {ann, tea, 5}, {ann, tea, 4}}});
    CHECK_FALSE(b.out.write);
    b.log(1, 1);
    REQUIRE(b.out.write);
    REQUIRE(b.out.write->batch.marks.size() == 1);
    CHECK(b.out.write->batch.marks[0].read == 5);
    b.answer(kind::failed);
    b.now.mono_ms = *b.machine.deadline();
    b.give(committer_due{});
    CHECK(b.out.write->batch.marks.size() == 1);
    b.answer(kind::committed);
    CHECK(b.machine.drained());
}

TEST_CASE("read marks alone are written within a second or so") {
    bench b;
    b.give(marks_gathered{{{{{1, 1}}, tea, 3}}});
    REQUIRE(b.machine.deadline());
    b.now.mono_ms = *b.machine.deadline();
    b.give(committer_due{});
    REQUIRE(b.out.write);
    CHECK(b.out.write->batch.events.empty());
    b.answer(kind::committed);
    CHECK(b.out.settles.empty());
    CHECK_FALSE(b.machine.deadline());
}
