#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/hub/hub_world.hpp"

/// A hub whose next turn comes at once tells verdicts together with other news.
namespace parley {
namespace {

constexpr std::uint64_t anns_room = 1;

}  // namespace

TEST_CASE("a busy hub tells its author a watermark with the room's next event") {
    hub_world world;
    auto& ann = world.greet(world.user(1), "ann");
    world.found(ann, world.room(anns_room));
    world.pass(limits::watermark_delay_ms);
    ann.heard.clear();

    world.busy = true;
    world.post(ann, world.room(anns_room), "one");
    world.settle_all();
    CHECK(ann.story() == "event");

    world.storing = false;
    world.post(ann, world.room(anns_room), "two");
    world.settle_all();
    CHECK(ann.story() == "event event watermark");
    CHECK(ann.last<wire::watermark>().w == ann.all<wire::event>().front().seq);
}

TEST_CASE("a hub that is no longer busy tells what it put off at once") {
    hub_world world;
    auto& ann = world.greet(world.user(1), "ann");
    world.found(ann, world.room(anns_room));
    world.pass(limits::watermark_delay_ms);
    ann.heard.clear();

    world.busy = true;
    world.post(ann, world.room(anns_room), "one");
    world.settle_all();
    REQUIRE(ann.story() == "event");

    world.busy = false;
    world.turn();
    CHECK(ann.story() == "event watermark");
}

TEST_CASE("a hub that stays busy tells a watermark within 100 ms") {
    hub_world world;
    auto& ann = world.greet(world.user(1), "ann");
    world.found(ann, world.room(anns_room));
    world.pass(limits::watermark_delay_ms);
    ann.heard.clear();

    world.busy = true;
    world.post(ann, world.room(anns_room), "one");
    world.settle_all();
    REQUIRE(ann.story() == "event");

    world.pass(limits::watermark_delay_ms);
    CHECK(ann.story() == "event watermark");
}

}  // namespace parley
