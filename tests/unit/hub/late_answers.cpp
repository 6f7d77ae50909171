#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

TEST_CASE("the log may tell of an op before the backbone answers for it") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.ordering = false;
    const auto op = world.post(a, tea, "hello");
    world.turn();
    CHECK(a.last<wire::event>().id.op == op);

    SECTION("and settle it") {
        world.settle_all();
        CHECK(world.answer_append());
        world.settle_all();
        CHECK(a.reply_to(op).outcome == outcome::committed);
        CHECK(a.reply_to(op).seq == 2);
    }
    SECTION("the author has left the room meanwhile") {
        world.say(a, wire::unsubscribe{tea});
        world.settle_all();
        CHECK(world.answer_append());
        world.turn();
        CHECK(a.reply_to(op).outcome == outcome::committed);
    }
    SECTION("the author is gone meanwhile") {
        world.close(a);
        CHECK(world.answer_append());
        world.settle_all();
        CHECK(world.core.counts().provisional == 0);
    }
    CHECK_FALSE(b.closed);
    CHECK(world.core.counts().stored == world.core.counts().ops);
}

TEST_CASE("one append is under way, and what comes meanwhile is the next one") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.ordering = false;
    const auto first = world.post(a, tea, "1");
    const auto second = world.post(a, tea, "2", first);
    world.turn();
    CHECK(a.all<wire::event>().size() == 1);
    CHECK(world.answer_append());
    world.turn();
    REQUIRE(a.all<wire::event>().size() == 2);
    CHECK(a.all<wire::event>()[1].id.op == second);
    CHECK(world.answer_append());
    CHECK_FALSE(world.answer_append());
}

TEST_CASE("what was to be asked next waits behind what must be judged again") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.subscribe(a, tea);
    world.settle_all();
    a.heard.clear();

    // Bob's leave takes its place just before Ann's first op, so that one is stale.
    world.ordering = false;
    world.leave(b, tea);
    const auto first = world.post(a, tea, "1");
    const auto second = world.post(a, tea, "2", first);
    CHECK(world.answer_append());  // the leave; what followed is asked now, before the log is read
    CHECK(world.answer_append());
    world.ordering = true;
    world.settle_all();
    CHECK_FALSE(world.answer_append());
    const auto events = a.all<wire::event>();
    REQUIRE(events.size() == 3);
    CHECK(events[1].id.op == first);
    CHECK(events[2].id.op == second);
    CHECK(a.reply_to(second).code != errc::after_missing);
}

TEST_CASE("what was judged in one epoch is never asked for in the next") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    world.ordering = false;
    const auto first = world.post(a, tea, "1");
    const auto second = world.post(a, tea, "2", first);
    world.turn();

    world.lose_backbone();
    world.turn();
    CHECK(world.answer_append());
    world.ordering = true;
    world.storing = true;
    world.settle_all();
    // The first has no place any more, whatever the old epoch said of it.
    CHECK(a.reply_to(first).outcome == outcome::later);
    CHECK(a.reply_to(first).code == errc::busy);
    CHECK(a.reply_to(second).code == errc::after_missing);
    wire::op again;
    again.id = first;
    again.room = tea;
    again.text = "1";
    again.again = true;
    again.offer = 9;
    world.offer(a, again);
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    CHECK(a.last<wire::watermark>().w == 2);
    CHECK(world.store.load_room(tea)->head == 2);
}

TEST_CASE("what an ended epoch calls a duplicate is offered again") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    const auto op = world.post(a, tea, "1");
    world.turn();
    world.ordering = false;
    wire::op again;
    again.id = op;
    again.room = tea;
    again.text = "1";
    again.again = true;
    world.offer(a, again);
    world.lose_backbone();
    world.turn();
    CHECK(world.answer_append());
    world.turn();
    CHECK(a.reply_to(op).outcome == outcome::later);
}

TEST_CASE("a join whose answer is late lets nobody talk before it is settled") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.ordering = false;
    const auto join = world.join(b, tea);
    const auto word = world.post(b, tea, "hello", join);
    world.turn();
    CHECK(world.answer_append());
    world.ordering = true;
    world.settle_all();
    world.subscribe(b, tea);
    world.settle_all();
    CHECK(a.last<wire::event>().id.op == word);
    CHECK(world.store.load_room(tea)->members.size() == 2);
    CHECK(world.store.load_room(coffee)->head == 0);
}

TEST_CASE("a hub holds so many ops for the next append and no more") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.ordering = false;
    (void)world.post(a, tea, "under way");
    op_id last;
    for (std::size_t i = 0; i <= limits::hub_next_ops; ++i)
        last = world.post(a, tea, "next");
    world.turn();
    CHECK(a.reply_to(last).code == errc::busy);
    world.settle_all();
    while (world.answer_append())
        world.settle_all();
    CHECK(world.store.load_room(tea)->head == limits::hub_next_ops + 2);
}
