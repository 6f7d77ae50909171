#include "server/hub/hub.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

/// What the line of counts tells.
namespace {

/// As another hub of the same process would for one of its users.
void post_elsewhere(hub_world& world, std::uint64_t base) {
    append_item item;
    item.event.room = tea;
    item.event.id = {bob, world.fresh_op()};
    item.event.kind = change_kind::message;
    item.event.text = "from elsewhere";
    item.base = item.since = base;
    std::vector<append_item> items{item};
    REQUIRE(world.order.append(world.epoch, items)[0].what == judgement::placed);
}

}  // namespace

TEST_CASE("ops are counted as they are placed and as they are stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    CHECK(world.core.counts().rooms == 1);
    const auto before = world.core.counts();
    CHECK(before.ops == 1);
    CHECK(before.stored == 1);

    world.storing = false;
    for (int i = 0; i < 3; ++i)
        world.post(a, tea, "hello");
    world.settle_all();
    CHECK(world.core.counts().ops == 4);
    CHECK(world.core.counts().provisional == 3);
    CHECK(world.core.counts().stored == 1);

    world.storing = true;
    world.settle_all();
    CHECK(world.core.counts().ops == 4);
    CHECK(world.core.counts().provisional == 0);
    CHECK(world.core.counts().stored == 4);
}

TEST_CASE("an op that is offered again is counted once") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    auto op = message(world, "hello");
    world.offer(a, op);
    world.settle_all();
    op.again = true;
    world.offer(a, op);
    world.offer(b, op);
    world.settle_all();
    CHECK(world.core.counts().ops == 2);
    CHECK(world.core.counts().provisional == 1);
    world.storing = true;
    world.settle_all();
    CHECK(world.core.counts().stored == 2);
}

TEST_CASE("what other hubs' users say is counted there") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    const auto before = world.core.counts();
    world.storing = false;
    post_elsewhere(world, 1);
    world.settle_all();
    CHECK(a.last<wire::event>().text == "from elsewhere");
    CHECK(world.core.counts().provisional == 0);
    world.storing = true;
    world.settle_all();
    CHECK(world.core.counts().ops == before.ops);
    CHECK(world.core.counts().stored == before.stored);
}

TEST_CASE("refusals are counted by their reason") {
    hub_world world;
    auto& a = world.greet(ann, "ann");
    world.post(a, tea, "into nowhere");
    world.post(a, general_room, "not a member");
    world.post(a, general_room, "nor now");
    world.post(a, general_room, "");
    world.settle_all();
    const std::vector<std::pair<errc, std::uint64_t>> expected{
        {errc::empty, 1}, {errc::not_member, 2}, {errc::no_such_room, 1}};
    CHECK(world.core.counts().refused == expected);
}
