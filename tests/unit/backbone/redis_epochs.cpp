#include "server/backbone/redis_epochs.hpp"

#include "tests/support/catch.hpp"

using namespace parley;

namespace {

/// A machine under a clock that moves when told; what it asks is answered by the test.
struct story {
    epochs_effects tell(const epochs_fact& fact) {
        epochs_effects out;
        machine.step({now_ms, 0}, fact, out);
        return out;
    }

    epochs_effects due() {
        now_ms = std::max(now_ms, machine.deadline().value_or(now_ms));
        return tell(epochs_due{});
    }

    /// Searches, and finds the row and Redis like that.
    epochs_effects find(const order_row& row, const order_look& look) {
        REQUIRE(std::holds_alternative<read_row>(due().ask));
        REQUIRE(std::holds_alternative<look_at_order>(tell(row_read{row}).ask));
        return tell(order_looked{look});
    }

    void follow() {
        const auto found = find({7, 9, "a"}, {7, 9, "a", true});
        REQUIRE(found.adopt);
        REQUIRE(machine.following());
    }

    redis_epochs machine;
    std::int64_t now_ms = 1'000;
};

bool asks_nothing(const epochs_effects& out) {
    return std::holds_alternative<std::monostate>(out.ask) && !out.adopt;
}

}  // namespace

TEST_CASE("an epoch is adopted where store and Redis agree") {
    story s;
    const auto found = s.find({7, 9, "a"}, {7, 5, "a", true});
    REQUIRE(found.adopt);
    CHECK(found.adopt->epoch == 7);
    CHECK(found.adopt->incarnation == "a");
    CHECK(found.adopt->upto == 5);
    CHECK(found.adopt->afresh);
}

TEST_CASE("what was stored between two looks is no store that went back") {
    story s;
    REQUIRE(std::holds_alternative<read_row>(s.find({7, 95, "a"}, {7, 100, "a", true}).ask));
    SECTION("stored meanwhile") {
        const auto found = s.tell(row_read{order_row{7, 100, "a"}});
        REQUIRE(found.adopt);
        CHECK(found.adopt->upto == 100);
    }
    SECTION("lost") {
        CHECK(std::holds_alternative<raise_epoch>(s.tell(row_read{order_row{7, 95, "a"}}).ask));
    }
    SECTION("nobody knows") {
        CHECK(asks_nothing(s.tell(row_read{})));
    }
    SECTION("another epoch has begun") {
        CHECK(asks_nothing(s.tell(row_read{order_row{8, 0, "a"}})));
    }
}

TEST_CASE("while somebody writes under another Redis, nobody begins an epoch over it") {
    story s;
    for (int i = 0; i < 100; ++i)
        CHECK(asks_nothing(s.find({7, 9, "b", true}, {0, 0, "a", true})));
    CHECK(s.now_ms > 8'000);
    CHECK(std::holds_alternative<raise_epoch>(s.find({7, 9, "b", false}, {0, 0, "a", true}).ask));
}

TEST_CASE("a database without an epoch has one raised at once, begun once") {
    story s;
    const auto found = s.find({0, 0, ""}, {0, 0, "a", true});
    const auto* raise = std::get_if<raise_epoch>(&found.ask);
    REQUIRE(raise);
    CHECK(raise->seen == 0);
    CHECK(raise->incarnation == "a");
    const auto raised = s.tell(epoch_raised{50});
    const auto* begin = std::get_if<begin_epoch>(&raised.ask);
    REQUIRE(begin);
    CHECK(begin->epoch == 50);
    CHECK(begin->incarnation == "a");
    // Nothing is believed of what Redis said to that: it is looked at.
    CHECK(std::holds_alternative<read_row>(s.tell(epoch_begun{}).ask));
    CHECK(std::holds_alternative<look_at_order>(s.tell(row_read{order_row{50, 0, "a"}}).ask));
    CHECK(s.tell(order_looked{order_look{50, 0, "a", true}}).adopt->epoch == 50);
}

TEST_CASE("a Redis that is not the row's is raised after six seconds, counted anew for each row") {
    story s;
    CHECK(asks_nothing(s.find({7, 9, "a"}, {0, 0, "b", true})));
    s.now_ms += 5'000;
    CHECK(asks_nothing(s.find({7, 9, "a"}, {0, 0, "b", true})));
    CHECK(asks_nothing(s.find({8, 0, "c"}, {0, 0, "b", true})));  // somebody was quicker
    s.now_ms += 5'000;
    CHECK(asks_nothing(s.find({8, 0, "c"}, {0, 0, "b", true})));
    s.now_ms += 1'500;
    const auto found = s.find({8, 0, "c"}, {90, 0, "b", true});
    const auto* raise = std::get_if<raise_epoch>(&found.ask);
    REQUIRE(raise);
    CHECK(raise->seen == 8);
    CHECK(raise->floor == 90);  // above what this Redis has
}

TEST_CASE("no replica, silent Redis or silent store is worked with") {
    story s;
    CHECK(asks_nothing(s.find({0, 0, ""}, {0, 0, "a", false})));
    CHECK(asks_nothing(s.find({7, 9, "a"}, {7, 9, "a", false})));
    s.due();
    CHECK(asks_nothing(s.tell(row_read{})));
    s.due();
    s.tell(row_read{order_row{7, 9, "a"}});
    CHECK(asks_nothing(s.tell(order_looked{})));
    CHECK_FALSE(s.machine.following());
    s.follow();
}

TEST_CASE("a raise that is not ours, or in doubt, is forgotten") {
    story s;
    s.find({0, 0, ""}, {0, 0, "a", true});
    CHECK(asks_nothing(s.tell(epoch_raised{0})));
    // It was carried out all the same: 6 s later the row is raised again, never begun on a guess.
    CHECK(asks_nothing(s.find({50, 0, "a"}, {0, 0, "a", true})));
    s.now_ms += 6'500;
    const auto found = s.find({50, 0, "a"}, {0, 0, "a", true});
    CHECK(std::get<raise_epoch>(found.ask).seen == 50);
}

TEST_CASE("a store that went back is raised above at once") {
    story s;
    SECTION("its epoch") {
        s.follow();
        CHECK(s.tell(order_lost{}).abandon);
        const auto found = s.find({6, 4, "z"}, {7, 9, "a", true});
        const auto& raise = std::get<raise_epoch>(found.ask);
        CHECK(raise.seen == 6);
        CHECK(raise.floor == 7);
    }
    SECTION("its log") {
        CHECK(std::holds_alternative<read_row>(s.find({7, 4, "a"}, {7, 9, "a", true}).ask));
        const auto found = s.tell(row_read{order_row{7, 4, "a"}});
        CHECK(std::get<raise_epoch>(found.ask).seen == 7);
    }
}

TEST_CASE("the log goes on where it was after a cut, and anew after a gap") {
    story s;
    s.follow();
    CHECK(s.tell(order_lost{false}).abandon);
    CHECK_FALSE(s.machine.following());
    auto found = s.find({7, 20, "a"}, {7, 15, "a", true});
    CHECK_FALSE(found.adopt->afresh);
    s.tell(order_lost{true});
    found = s.find({7, 20, "a"}, {7, 15, "a", true});
    CHECK(found.adopt->afresh);
}

TEST_CASE("what stands still or is silent is looked at, without a pause if all is well") {
    story s;
    s.follow();
    s.now_ms += 900;
    CHECK(asks_nothing(s.tell(log_followed{true, 9, true})));
    s.now_ms += 200;
    CHECK(std::holds_alternative<read_row>(s.tell(log_followed{true, 9, true}).ask));
    SECTION("all is well") {
        CHECK(std::holds_alternative<look_at_order>(s.tell(row_read{order_row{7, 9, "a"}}).ask));
        CHECK_FALSE(s.tell(order_looked{order_look{7, 9, "a", true}}).abandon);
        CHECK(s.machine.following());
        s.now_ms += 2'000;
        CHECK(asks_nothing(s.tell(log_followed{false, 9, false})));
        s.now_ms += 1'000;
        CHECK(std::holds_alternative<read_row>(s.tell(log_followed{false, 9, false}).ask));
    }
    SECTION("the store is silent: nobody can have gone on without us") {
        CHECK_FALSE(s.tell(row_read{}).abandon);
        CHECK(s.machine.following());
    }
    SECTION("another epoch") {
        CHECK(s.tell(row_read{order_row{8, 0, "b"}}).abandon);
    }
    SECTION("the store went back") {
        CHECK(s.tell(row_read{order_row{7, 2, "a"}}).abandon);
    }
    SECTION("the connection leads to another Redis") {
        s.tell(row_read{order_row{7, 9, "a"}});
        CHECK(s.tell(order_looked{order_look{7, 9, "b", true}}).abandon);
    }
}
