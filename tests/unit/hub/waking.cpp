#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

TEST_CASE("sessions that wait together to resume don't multiply the waiting") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.post(a, tea, "first");
    world.settle_all();
    auto& b = world.greet(ann, "ann");
    auto& c = world.greet(ann, "ann");
    for (auto* who : {&b, &c}) {
        world.give(session_unsent{who->handle, limits::unsent_behind_bytes - 1});
        world.subscribe(*who, tea);
    }
    for (int turns = 0; turns < 100; ++turns) {
        world.give(session_unsent{b.handle, limits::unsent_behind_bytes - 1});
        world.turn();
    }
    for (auto* who : {&b, &c})
        world.give(session_unsent{who->handle, 0});
    world.turn();
    CHECK(b.last<wire::event>().text == "first");
    CHECK(c.last<wire::event>().text == "first");
}

TEST_CASE("a room that nobody needs falls asleep, and wakes with all it had") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.post(a, tea, "before");
    world.settle_all();
    world.say(a, wire::unsubscribe{tea});
    world.turn();
    CHECK(world.core.counts().rooms == 1);
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    CHECK(world.core.counts().rooms == 0);
    a.heard.clear();
    world.subscribe(a, tea);
    world.settle_all();
    CHECK(dense(seqs(a), 0, 2));
}

TEST_CASE("a room that woke for a repeat falls asleep again") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    auto op = message(world, "once");
    world.give(http_op{1, ann, "ann", op});
    world.settle_all();
    world.close(a);
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    REQUIRE(world.core.counts().rooms == 0);
    world.give(http_op{2, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[2].outcome == outcome::committed);
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    CHECK(world.core.counts().rooms == 0);
}

TEST_CASE("what another hub placed before a room was loaded is not missed") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.create(a, tea, "tea");
    world.settle_all();
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    REQUIRE(world.core.counts().rooms == 0);
    world.storing = false;
    append_item item;
    item.event.room = tea;
    item.event.id = {bob, world.fresh_op()};
    item.event.kind = change_kind::message;
    item.event.text = "from elsewhere";
    item.base = item.since = 1;
    std::vector<append_item> items{item};
    REQUIRE(world.order.append(world.epoch, items)[0].what == judgement::placed);
    world.turn();

    SECTION("while it is provisional") {
        world.subscribe(a, tea);
        world.turn();
        world.turn();
    }
    SECTION("when it is stored while the snapshot is read") {
        world.answering = false;
        world.subscribe(a, tea);
        world.turn();
        const auto early = *world.store.load_room(tea);
        world.store_next();
        world.turn();
        REQUIRE(world.queries.size() == 1);
        world.give(query_answered{world.queries.front().query, early});
        world.queries.clear();
        world.turn();
        CHECK(a.last<wire::watermark>().w == 2);
    }
    CHECK(dense(seqs(a), 0, 2));
    CHECK(a.last<wire::event>().text == "from elsewhere");
}

TEST_CASE("a membership that changes while the list is read is told as it is now") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.create(a, tea, "tea");
    world.settle_all();
    auto& other = world.connect(ann, "ann");
    world.answering = false;
    world.say(other, wire::hello{protocol_version, ann, {}, ""});
    world.turn();
    const auto early = *world.store.rooms_of(ann);
    REQUIRE(early.size() == 1);
    world.leave(a, tea);
    world.turn();
    world.store_next();
    world.turn();
    for (const auto& asked : world.queries) {
        if (std::holds_alternative<rooms_of>(asked.ask)) world.give(query_answered{asked.query, early});
    }
    world.turn();
    CHECK_FALSE(other.last<wire::room>().joined);
    CHECK(other.story().ends_with("room reply"));
}

TEST_CASE("a room that can't be loaded is told apart from one that is not there") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.answering = false;
    const auto op = world.post(a, tea, "hello?");
    world.turn();
    REQUIRE(world.queries.size() == 1);
    world.give(query_answered{world.queries.front().query, error{errc::unavailable}});
    world.queries.clear();
    world.turn();
    CHECK(a.reply_to(op).outcome == outcome::later);
    CHECK(a.reply_to(op).code == errc::busy);
    CHECK(world.core.counts().rooms == 0);
}

TEST_CASE("a follower is told to subscribe again where the store can't be read after a new epoch") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    for (std::size_t i = 0; i < limits::room_recent_events + 10; ++i)
        world.post(a, tea, "kept");
    world.turn();
    while (world.store_next()) {
    }  // the announcements die with the epoch
    a.heard.clear();
    world.answering = false;
    world.lose_backbone();
    world.turn();
    while (!world.queries.empty() && !std::holds_alternative<read_after>(world.queries.front().ask))
        world.answer_next(), world.turn();
    REQUIRE(!world.queries.empty());
    world.give(query_answered{world.queries.front().query, error{errc::unavailable, {}}});
    world.turn();
    CHECK(a.all<wire::behind>().size() == 1);
}
