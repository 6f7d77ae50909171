#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

TEST_CASE("a first subscribe is a snapshot, told in order") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.create(a, tea, "tea");
    world.settle_all();
    world.post(a, tea, "stored");
    world.settle_all();
    world.storing = false;
    world.post(a, tea, "provisional");
    world.turn();
    a.heard.clear();
    world.subscribe(a, tea);
    world.turn();
    CHECK(a.story() == "room page event event watermark event reply");
    CHECK(a.last<wire::page>().fresh);
    CHECK(a.last<wire::page>().from == 0);
    CHECK(a.last<wire::watermark>().w == 2);
    CHECK(dense(seqs(a), 0, 3));
    CHECK(a.last<wire::reply>().code == errc::none);
    // Owed since it was told `placed`: told by the watermark now that it follows.
    a.heard.clear();
    world.storing = true;
    world.settle_all();
    CHECK(a.story() == "watermark");
}

TEST_CASE("a cursor goes on from where it stands") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 20);
    auto& again = world.greet(ann, "ann");
    again.heard.clear();

    SECTION("in memory") {
        world.subscribe(again, tea, 10, world.epoch);
        const auto asked = world.queries_asked;
        world.settle_all();
        CHECK(world.queries_asked == asked);
        CHECK_FALSE(again.last<wire::page>().fresh);
        CHECK(again.last<wire::page>().from == 10);
        CHECK(dense(seqs(again), 10, 21));
    }
    SECTION("of another history it is a snapshot") {
        world.subscribe(again, tea, 10, world.epoch - 1);
        world.settle_all();
        CHECK(again.last<wire::page>().fresh);
        CHECK(again.last<wire::page>().from == 0);
    }
    SECTION("from the future it is a snapshot") {
        world.subscribe(again, tea, 500, world.epoch);
        world.settle_all();
        CHECK(again.last<wire::page>().fresh);
        CHECK(again.last<wire::reply>().w == 21);
    }
}

TEST_CASE("a resume below what is in memory is read in chunks, while the room goes on") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 600);
    auto& again = world.greet(ann, "ann");
    again.heard.clear();
    world.answering = false;
    world.subscribe(again, tea, 100, world.epoch);
    world.turn();
    int chunks = 0;
    while (world.answer_next()) {
        ++chunks;
        world.post(a, tea, "meanwhile");
        world.turn();
        world.store_next();
        world.turn();
    }
    CHECK(chunks >= 4);
    CHECK_FALSE(again.last<wire::page>().fresh);
    CHECK(again.all<wire::page>().size() == 1);
    world.answering = true;
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    CHECK(dense(seqs(again), 100, again.last<wire::watermark>().w));
    CHECK(again.last<wire::watermark>().w == a.last<wire::watermark>().w);
}

TEST_CASE("too far behind is a snapshot") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, limits::resume_events + 10);
    auto& again = world.greet(ann, "ann");
    world.subscribe(again, tea, 2, world.epoch);
    world.settle_all();
    CHECK(again.last<wire::page>().fresh);
    CHECK(again.all<wire::event>().size() == limits::snapshot_events);
}

TEST_CASE("who is no member may not follow") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    b.heard.clear();
    world.subscribe(b, tea);
    world.settle_all();
    CHECK(b.story() == "reply");
    CHECK(b.last<wire::reply>().code == errc::not_member);
    world.subscribe(b, hub_world::room(8));
    world.settle_all();
    CHECK(b.last<wire::reply>().code == errc::no_such_room);
}

TEST_CASE("a subscribe behind one's own join waits for it") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.storing = false;
    world.join(b, tea);
    world.subscribe(b, tea);
    world.turn();
    CHECK(b.all<wire::page>().empty());
    world.storing = true;
    world.settle_all();
    CHECK(b.all<wire::page>().size() == 1);
    CHECK(b.last<wire::reply>().code == errc::none);
}

TEST_CASE("settle tells what became of ops, wherever they are") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    const auto stored = world.post(a, tea, "stored");
    world.settle_all();
    world.storing = false;
    const auto placed = world.post(a, tea, "placed");
    world.turn();
    const auto never = world.fresh_op();

    auto& again = world.greet(ann, "ann");
    again.heard.clear();
    world.say(again, wire::settle{77, tea, {stored, placed, never}});
    for (int i = 0; i < 4; ++i)
        world.turn();
    CHECK(again.story() == "op_reply op_reply op_reply reply");
    CHECK(again.reply_to(stored).outcome == outcome::committed);
    CHECK(again.reply_to(placed).outcome == outcome::placed);
    CHECK(again.reply_to(never).outcome == outcome::unknown);
    CHECK(again.last<wire::reply>().request == 77);

    world.storing = true;
    world.settle_all();
    CHECK(again.reply_to(placed).outcome == outcome::committed);
}

TEST_CASE("a new epoch withdraws what was not stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    world.storing = false;
    const auto gone = world.post(a, tea, "gone");
    const auto told = world.post(b, tea, "gone too");
    world.turn();
    CHECK(b.reply_to(told).outcome == outcome::placed);
    a.heard.clear();
    b.heard.clear();
    world.lose_backbone();
    world.turn();
    world.turn();
    CHECK(a.story() == "room truncated watermark reply");
    CHECK(a.last<wire::truncated>().after == 2);
    CHECK(a.last<wire::truncated>().epoch == world.epoch);
    CHECK(a.last<wire::watermark>().w == 2);
    CHECK(b.story() == "lost room");
    wire::op op;
    op.id = gone;
    op.room = tea;
    op.text = "gone";
    op.again = true;
    op.since = 2;
    world.offer(a, op);
    world.storing = true;
    world.settle_all();
    CHECK(a.last<wire::event>().seq == 3);
    CHECK(a.last<wire::event>().epoch == world.epoch);
}

TEST_CASE("what was stored before a new epoch is told again after the truncation") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    world.post(a, tea, "kept");
    world.turn();
    world.store_next();  // the announcement dies with the epoch
    a.heard.clear();
    world.lose_backbone();
    world.turn();
    world.turn();
    const auto kept = a.all<wire::event>();
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].text == "kept");
    CHECK(a.last<wire::watermark>().w == 2);
}

TEST_CASE("history comes from memory, else from the store") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 300);
    a.heard.clear();
    auto asked = world.queries_asked;
    world.say(a, wire::request{1, question::history, tea, 0, "", 20});
    world.settle_all();
    CHECK(world.queries_asked == asked);
    CHECK(dense(seqs(a), 281, 301));
    CHECK(a.last<wire::reply>().from == 281);
    CHECK(a.last<wire::reply>().to == 301);
    CHECK(a.last<wire::reply>().more);

    a.heard.clear();
    world.say(a, wire::request{2, question::history, tea, 51, "", 0});
    world.settle_all();
    CHECK(world.queries_asked == asked + 1);
    CHECK(dense(seqs(a), 0, 50));
    CHECK_FALSE(a.last<wire::reply>().more);
}

TEST_CASE("rooms and members are listed in pages") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.say(a, wire::request{1, question::rooms, {}, 0, "", 1});
    world.settle_all();
    CHECK(a.last<wire::reply>().rooms.size() == 1);
    CHECK(a.last<wire::reply>().more);
    world.say(a, wire::request{2, question::rooms, {}, 0, a.last<wire::reply>().key, 1});
    world.settle_all();
    CHECK(a.last<wire::reply>().request == 2);
    CHECK_FALSE(a.last<wire::reply>().more);
    world.say(a, wire::request{3, question::members, tea, 0, "", 0});
    world.settle_all();
    REQUIRE(a.last<wire::reply>().members.size() == 1);
    CHECK(a.last<wire::reply>().members[0].name == "ann");
    world.say(a, wire::request{4, question::members, hub_world::room(8), 0, "", 0});
    world.settle_all();
    CHECK(a.last<wire::reply>().code == errc::no_such_room);
}

TEST_CASE("a receipt is told to all of the user's sessions and stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    fill(world, a, 3);
    auto& other = world.greet(bob, "bob");
    CHECK(other.last<wire::room>().unread == 3);
    world.say(b, wire::receipt{tea, 4});
    world.turn();
    CHECK(other.last<wire::room>().read == 4);
    CHECK(other.last<wire::room>().unread == 1);
    REQUIRE(world.marks.size() == 1);
    world.say(b, wire::receipt{tea, 3});
    world.turn();
    CHECK(world.marks.size() == 1);
}
