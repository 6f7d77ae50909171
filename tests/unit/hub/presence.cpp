#include "server/hub/hub.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

/// Who is online, and for how long somebody who has gone is remembered.
namespace {

std::size_t online(const hub_world& world) {
    return world.core.counts().users;
}

}  // namespace

TEST_CASE("a user goes offline half a second after the last socket closed") {
    hub_world world;
    auto& phone = world.greet(ann, "ann");
    auto& laptop = world.greet(ann, "ann");
    world.greet(bob, "bob");
    CHECK(online(world) == 2);
    world.close(phone);
    world.pass(limits::offline_after_ms);
    CHECK(online(world) == 2);

    world.close(laptop);
    CHECK(world.core.counts().sockets == 1);
    world.pass(limits::offline_after_ms - 1);
    CHECK(online(world) == 2);
    world.pass(1);
    CHECK(online(world) == 1);
}

TEST_CASE("three tabs and two devices are one user, online until the last socket is gone for half a second") {
    hub_world world;
    std::vector<hub_world::listener*> sockets;
    for (int i = 0; i < 5; ++i)
        sockets.push_back(&world.greet(ann, "ann"));
    CHECK(world.core.counts().sockets == 5);
    for (auto* each : sockets) {
        CHECK(online(world) == 1);
        world.close(*each);
        if (each != sockets.back()) world.pass(10 * limits::offline_after_ms);
    }
    CHECK(world.core.counts().sockets == 0);
    world.pass(limits::offline_after_ms - 1);
    CHECK(online(world) == 1);
    world.pass(1);
    CHECK(online(world) == 0);
}

TEST_CASE("a blip of the network is no leave") {
    hub_world world;
    auto* session = &world.greet(ann, "ann");
    for (int i = 0; i < 5; ++i) {
        world.close(*session);
        world.pass(limits::offline_after_ms - 1);
        CHECK(online(world) == 1);
        session = &world.greet(ann, "ann");
        CHECK(online(world) == 1);
    }
    world.pass(10 * limits::offline_after_ms);
    CHECK(online(world) == 1);
}

TEST_CASE("the timer of an earlier leave takes nobody away who came back") {
    hub_world world;
    world.close(world.greet(ann, "ann"));
    world.pass(limits::offline_after_ms - 100);
    world.close(world.greet(ann, "ann"));
    world.pass(100);  // the first timer
    CHECK(online(world) == 1);
    world.pass(limits::offline_after_ms - 101);
    CHECK(online(world) == 1);
    world.pass(1);
    CHECK(online(world) == 0);
}

TEST_CASE("a user who sends over HTTP only is not online") {
    hub_world world;
    wire::op op;
    op.id = world.fresh_op();
    op.room = general_room;
    op.kind = change_kind::join;
    world.give(http_op{1, ann, "ann", op});
    world.settle_all();
    CHECK(world.http.at(1).outcome == outcome::committed);
    CHECK(online(world) == 0);
    world.pass(limits::message_window_ms);
    CHECK(online(world) == 0);
}

TEST_CASE("who comes and goes is not let to write faster than who stays") {
    hub_world world;
    {
        auto& early = world.greet(ann, "ann");
        world.create(early, tea, "tea");
        world.settle_all();
        world.close(early);
    }
    world.pass(limits::message_window_ms - 1'000);
    auto& busy = world.greet(ann, "ann");
    for (std::uint32_t i = 0; i < limits::message_burst; ++i)
        world.post(busy, tea, "quick");
    world.settle_all();
    world.close(busy);
    world.pass(1'000);  // the first session's time to be forgotten

    auto& again = world.greet(ann, "ann");
    world.post(again, tea, "one token came back");
    const auto second = world.post(again, tea, "not a second one");
    world.settle_all();
    CHECK(again.reply_to(second).code == errc::rate_limited);
}

TEST_CASE("a user who is gone for good is forgotten with all sessions") {
    hub_world world;
    world.close(world.greet(ann, "ann"));
    world.pass(limits::message_window_ms);
    CHECK(online(world) == 0);
    CHECK(world.core.counts().sockets == 0);
    CHECK_FALSE(world.core.deadline().has_value());
}
