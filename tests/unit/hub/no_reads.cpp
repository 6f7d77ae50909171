#include "server/hub/hub.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

/// The path of a message goes through memory alone.
TEST_CASE("a message asks the store nothing, whoever sends it and however often") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.subscribe(b, tea);
    world.settle_all();
    const auto asked = world.queries_asked;

    auto repeated = message(world, "hello");
    for (int i = 0; i < 200; ++i)
        world.post(i % 2 == 0 ? a : b, tea, "hello");
    world.offer(a, repeated);
    world.settle_all();
    repeated.again = true;
    repeated.since = b.last<wire::watermark>().w;
    world.offer(a, repeated);
    world.settle_all();
    world.give(http_op{1, bob, "bob", message(world, "by HTTP")});
    world.settle_all();
    CHECK(world.http.at(1).outcome == outcome::committed);
    CHECK(a.all<wire::event>().size() == 202 + 1);
    CHECK(world.queries_asked == asked);
}
