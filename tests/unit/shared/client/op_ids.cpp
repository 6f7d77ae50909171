#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

namespace {

/// So many ops are offered as voids, for other copies may be under way, and the hub places them.
void take_voids(device& d, std::size_t count) {
    const auto ops = d.ops();
    REQUIRE(ops.size() == count);
    for (const auto& op : ops) {
        CHECK(op.kind == change_kind::nothing);
        auto placed = reply_to(op, outcome::committed, errc::bad_op_id);
        placed.kind = change_kind::nothing;
        placed.seq = 7;
        d.hub(placed);
    }
}

}  // namespace

TEST_CASE(
    "op ids carry the server's time, and one composed by a wrong clock is remade if it was never offered") {
    device d;
    d.now.wall_ms = 1'000;  // 1970
    d.start();
    const auto id = d.say(general, "one");
    CHECK(id.op.value.time_ms() == 1'000);
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    CHECK(d.ops().empty());  // another life would find it under its former id
    d.write_all();
    REQUIRE(d.ops().size() == 1);
    CHECK_FALSE(d.ops()[0].id == id.op);
    CHECK(d.ops()[0].id.value.time_ms() == server_ms);
    CHECK(d.core.status(d.now).clock_offset_ms == server_ms - 1'000);
    CHECK(d.disk.size() == 3);
    d.reload();
    CHECK(d.core.status(d.now).clock_offset_ms == server_ms - 1'000);
}

TEST_CASE("an op that would be remade fails where the disk keeps its former id") {
    device d;
    d.now.wall_ms = 1'000;
    d.start();
    const auto id = d.say(general, "one");
    d.write_all();
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    SECTION("that could be told no more before") {
        d.type(general, "x");
        d.fail_write(persist_failed::reason::closed);
        d.greet({room_frame(general, "general", 1)}, welcome);
        d.show(general);
        REQUIRE(d.row(general, id));
        CHECK(d.row(general, id)->reason == errc::too_old);
    }
    SECTION("that can't be told any more") {
        d.greet({room_frame(general, "general", 1)}, welcome);
        d.fail_write(persist_failed::reason::closed);
        REQUIRE(d.core.outbox().size() == 1);
        CHECK(d.core.outbox()[0].reason == errc::bad_op_id);
    }
    CHECK(d.ops().empty());
    REQUIRE(d.core.outbox().size() == 1);
    CHECK(d.core.outbox()[0].state == op_state::failed);
    CHECK(d.core.outbox()[0].text == "one");
}

TEST_CASE("what was let go while it got another id is let go where the disk can't be told") {
    device d;
    d.now.wall_ms = 1'000;
    d.start();
    d.say(general, "one");
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    intended discard;
    discard.kind = intended::what::discard_op;
    discard.change = d.core.outbox()[0].change;
    d.intend(discard);
    d.fail_write(persist_failed::reason::closed);
    CHECK(d.core.outbox().empty());
}

TEST_CASE("with memory only an op is remade and sent at once") {
    device d;
    d.now.wall_ms = 1'000;
    d.start(true);
    const auto id = d.say(general, "one");
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    REQUIRE(d.ops().size() == 1);
    CHECK_FALSE(d.ops()[0].id == id.op);
}

TEST_CASE("what is too old is said to be, though the disk that has it can't be written any more") {
    device d;
    d.start();
    const auto old = d.say(general, "old news");
    const auto next = d.say(general, "nearly as old");
    d.write_all();
    d.pass(limits::op_id_age_ms + 1);
    d.reload();
    d.show(general);
    d.type(general, "x");
    d.fail_write(persist_failed::reason::closed);
    d.greet({room_frame(general, "general", 1)});
    for (const auto& change : {old, next}) {
        wire::op named;
        named.id = change.op;
        named.room = general;
        d.hub(reply_to(named, outcome::unknown));
    }
    d.answer(d.sent<wire::settle>().back().request);
    take_voids(d, 2);
    CHECK(d.state(general, old) == op_state::failed);
    CHECK(d.row(general, old)->reason == errc::too_old);
    CHECK(d.state(general, next) == op_state::failed);
}

TEST_CASE("after 14 days without a verdict the author is asked, and nothing is sent behind their back") {
    device d;
    d.start();
    const auto old = d.say(general, "old news");
    d.write_all();
    d.pass(limits::op_id_age_ms + 1);
    d.reload();
    d.show(general);
    d.greet({room_frame(general, "general", 1)});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    wire::op named;
    named.id = old.op;
    named.room = general;
    d.hub(reply_to(named, outcome::unknown));
    d.answer(settles[0].request);
    take_voids(d, 1);
    d.write_all();
    CHECK(d.state(general, old) == op_state::failed);
    CHECK(d.row(general, old)->reason == errc::too_old);
    d.forget();
    intended retry;
    retry.kind = intended::what::retry_op;
    retry.change = old;
    const auto again = d.intend(retry);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == again.change.op);
    CHECK_FALSE(again.change == old);
}

TEST_CASE("a clock that somebody sets while connected makes no op too old and no id strange") {
    device d;
    d.be_in_general();
    const auto before = d.say(general, "one");
    d.hub(reply_to(d.ops().back(), outcome::later, errc::busy));
    d.now.wall_ms += 2 * limits::op_id_age_ms;
    d.wait(1'000);
    CHECK(d.ops().back().id == before.op);
    CHECK(d.state(general, before) != op_state::failed);
    const auto after = d.say(general, "two");
    CHECK(after.op.value.time_ms() - before.op.value.time_ms() < 10'000);
}

}  // namespace parley::testing
