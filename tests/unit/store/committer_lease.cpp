#include "server/store/committer.hpp"
#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/placed.hpp"

/// A committer among others that share its order.
using namespace parley;

namespace {

constexpr std::uint64_t epoch = 3;
const room_id tea{{2, 1}};
using kind = commit_outcome::kind;

/// Settlements of others have places between the events.
log_entry_ptr event(std::uint64_t n, std::uint64_t seq, change_kind what = change_kind::message) {
    return testing::placed_at(n, tea, seq, epoch, what);
}

log_entry_ptr settled(std::uint64_t upto) {
    return std::make_shared<const log_entry>(settled_entry{epoch, upto, {}, {}});
}

struct bench {
    bench() { log({std::make_shared<const log_entry>(epoch_entry{epoch, 10})}); }

    void give(const committer_fact& fact) {
        out.clear();
        machine.step({now_ms, 0}, fact, out);
    }

    void log(std::vector<log_entry_ptr> entries) { give(entries_logged{std::move(entries)}); }

    /// In which something is said again.
    void begin_next_epoch() {
        log({std::make_shared<const log_entry>(epoch_entry{epoch + 1, 0}),
             testing::placed_at(1, tea, 2, epoch + 1, change_kind::message)});
    }

    void lend(bool granted) { give(lease_answered{granted, {}}); }

    void answer(kind what) { give(commit_answered{{what, {}, what == kind::committed ? "" : "no"}}); }

    void pass(std::int64_t ms) {
        now_ms += ms;
        give(committer_due{});
    }

    [[nodiscard]] std::size_t writing() const { return out.write ? out.write->batch.events.size() : 0; }

    committer machine{epoch, log_sharing::many_processes};
    committer_effects out;
    std::int64_t now_ms = 0;
};

}  // namespace

TEST_CASE("it asks for the lease when there is something to write, and writes when it has it") {
    bench b;
    CHECK_FALSE(b.out.take_lease);
    b.log({event(11, 1), event(12, 2)});
    REQUIRE(b.out.take_lease);
    CHECK(b.out.take_lease->epoch == epoch);
    CHECK(b.writing() == 0);
    b.log({event(13, 3)});
    CHECK_FALSE(b.out.take_lease);
    b.lend(true);
    REQUIRE(b.writing() == 3);
    CHECK(b.out.write->batch.behind == 10);
    b.answer(kind::committed);
    REQUIRE(b.out.settles.size() == 1);
    CHECK(b.out.settles[0].upto == 13);
    CHECK(b.machine.drained());
}

TEST_CASE("committing prolongs the lease, silence ends it") {
    bench b;
    b.log({event(11, 1)});
    b.lend(true);
    b.answer(kind::committed);
    b.pass(limits::lease_ms / 2 - 1);
    b.log({event(12, 2)});
    CHECK(b.writing() == 1);
    b.answer(kind::committed);
    b.pass(limits::lease_ms / 2 - 1);
    b.log({event(13, 3)});
    CHECK(b.writing() == 1);
    b.answer(kind::committed);
    b.pass(limits::lease_ms / 2);
    b.log({event(14, 4)});
    CHECK(b.writing() == 0);
    CHECK(b.out.take_lease);
}

TEST_CASE("while another one writes, what that one settles is written no more, and the rest is asked for") {
    bench b;
    b.log({event(11, 1), event(12, 2)});
    b.lend(false);
    CHECK(b.writing() == 0);
    CHECK_FALSE(b.machine.drained());
    REQUIRE(b.machine.deadline());
    b.log({settled(11), event(14, 3)});
    CHECK_FALSE(b.out.take_lease);
    b.now_ms = *b.machine.deadline();
    b.give(committer_due{});
    REQUIRE(b.out.take_lease);
    b.lend(true);
    REQUIRE(b.writing() == 2);
    CHECK(b.out.write->batch.behind == 11);
    b.answer(kind::committed);
    CHECK(b.out.settles[0].upto == 14);
    b.log({settled(14)});
    CHECK_FALSE(b.out.write);
    CHECK(b.out.settles.empty());
    CHECK_FALSE(b.machine.deadline());
}

TEST_CASE("what others settle while a batch is written is not written again") {
    bench b;
    b.log({event(11, 1), event(12, 2), event(13, 3)});
    b.lend(true);
    REQUIRE(b.writing() == 3);
    b.log({settled(12), event(15, 4)});
    SECTION("and the batch is stored") {
        b.answer(kind::committed);
        CHECK(b.writing() == 1);
        CHECK(b.out.write->batch.behind == 13);
    }
    SECTION("and a row of it is refused") {
        b.answer(kind::row_refused);
        REQUIRE(b.writing() == 2);
        CHECK(b.out.write->batch.behind == 12);
    }
    SECTION("and it fails") {
        b.answer(kind::failed);
        b.now_ms = *b.machine.deadline();
        b.give(committer_due{});
        CHECK(b.writing() == 2);
    }
}

TEST_CASE("it goes on where the log goes on behind a gap") {
    bench b;
    b.log({event(11, 1), event(12, 2)});
    b.lend(false);
    b.log({std::make_shared<const log_entry>(epoch_entry{epoch, 18}), event(20, 8)});
    b.lend(true);
    REQUIRE(b.writing() == 1);
    CHECK(b.out.write->batch.behind == 18);
}

TEST_CASE("a store that does not answer who writes is asked again, later each time") {
    bench b;
    b.log({event(11, 1)});
    for (int i = 0; i < 5; ++i) {
        REQUIRE(b.out.take_lease);
        b.give(lease_answered{false, "no answer"});
        CHECK(b.writing() == 0);
        if (i == 4) break;
        b.now_ms = *b.machine.deadline();
        b.give(committer_due{});
    }
    REQUIRE(b.out.state);
    CHECK_FALSE(b.out.state->accepting);
    CHECK(b.out.state->why == "no answer");
    CHECK(*b.machine.deadline() >= 30'000);
    b.now_ms = *b.machine.deadline();
    b.give(committer_due{});
    REQUIRE(b.out.take_lease);
    SECTION("and writes when it answers") {
        b.lend(true);
        REQUIRE(b.writing() == 1);
        b.answer(kind::committed);
        REQUIRE(b.out.state);
        CHECK(b.out.state->accepting);
    }
    SECTION("and is well when another one writes") {
        b.lend(false);
        REQUIRE(b.out.write);
        CHECK(b.writing() == 0);
        b.answer(kind::committed);
        REQUIRE(b.out.state);
        CHECK(b.out.state->accepting);
    }
}

TEST_CASE("a change of rights that can't be stored stops the writing, and halts no room for the others") {
    bench b;
    b.log({event(11, 1, change_kind::leave)});
    b.lend(true);
    b.answer(kind::row_refused);
    CHECK(b.out.settles.empty());
    b.now_ms = *b.machine.deadline();
    b.give(committer_due{});
    CHECK(b.writing() == 1);
    CHECK(b.out.write->voided.empty());
}

TEST_CASE("a new epoch begins without a lease") {
    bench b;
    b.log({event(11, 1)});
    b.lend(true);
    b.answer(kind::committed);
    b.begin_next_epoch();
    REQUIRE(b.out.take_lease);
    CHECK(b.out.take_lease->epoch == epoch + 1);
    b.lend(true);
    CHECK(b.out.write->batch.behind == 0);
}

TEST_CASE("an answer about the lease of an epoch that has ended means nothing for the next") {
    bench b;
    b.log({event(11, 1)});
    REQUIRE(b.out.take_lease);
    b.begin_next_epoch();
    CHECK_FALSE(b.out.take_lease);
    CHECK_FALSE(b.out.write);
    b.lend(GENERATE(true, false));
    REQUIRE(b.out.take_lease);
    CHECK(b.out.take_lease->epoch == epoch + 1);
    CHECK_FALSE(b.out.write);
    b.lend(true);
    CHECK(b.writing() == 1);
}

TEST_CASE("it is done when what it had heard is stored, whatever others append") {
    bench b;
    b.log({event(11, 1), event(12, 2)});
    b.lend(true);
    const auto upto = b.machine.heard();
    b.log({event(13, 3)});
    CHECK_FALSE(b.machine.drained(upto));
    b.answer(kind::committed);
    REQUIRE(b.writing() == 1);
    CHECK(b.machine.drained(upto));
    CHECK_FALSE(b.machine.drained());
}

TEST_CASE("marks wait for no lease") {
    bench b;
    b.give(marks_gathered{{{user_id{{1, 1}}, tea, 4}}});
    REQUIRE(b.machine.deadline());
    b.now_ms = *b.machine.deadline();
    b.give(committer_due{});
    REQUIRE(b.out.write);
    CHECK(b.out.write->batch.events.empty());
    CHECK(b.out.write->batch.marks.size() == 1);
}
