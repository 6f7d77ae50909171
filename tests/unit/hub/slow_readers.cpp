#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

TEST_CASE("a resume over a slow line says no more at once than a session may owe") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    constexpr std::uint64_t posts = 240;
    for (std::uint64_t i = 0; i < posts; ++i) {
        world.post(a, tea, std::string(4'000, 'x'));
        if (i % 50 == 49) world.settle_all();
    }
    world.settle_all();
    world.pass(limits::watermark_delay_ms);

    auto& slow = world.greet(ann, "ann");
    slow.heard.clear();
    const std::size_t owed = limits::unsent_behind_bytes / 2 - 20'000;
    world.subscribe(slow, tea, 2, world.epoch);
    for (int chunk = 0; chunk < 100 && slow.last<wire::reply>().request == 0; ++chunk) {
        const auto before = slow.all<wire::event>().size();
        world.give(session_unsent{slow.handle, owed});
        world.turn();
        world.turn();
        const auto said = (slow.all<wire::event>().size() - before) * 4'000;
        REQUIRE(owed + said < limits::unsent_behind_bytes);
        REQUIRE(said > 0);
    }
    CHECK(slow.all<wire::page>().size() == 1);
    CHECK(dense(seqs(slow), 2, posts + 1));
}

TEST_CASE("many slow readers of one room cost what each of them costs, however often one reads a little") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 20);
    std::vector<hub_world::listener*> slow;
    for (int i = 0; i < 10; ++i) {
        slow.push_back(&world.greet(ann, "ann"));
        world.give(session_unsent{slow.back()->handle, limits::unsent_behind_bytes});
        world.subscribe(*slow.back(), tea, 2, world.epoch);
        slow.back()->heard.clear();
    }
    world.turn();
    for (int round = 0; round < 100; ++round) {
        for (auto* each : slow)
            world.give(session_unsent{each->handle, limits::unsent_behind_bytes - 1});
        world.turn();
    }
    for (auto* each : slow) {
        CHECK(each->all<wire::event>().empty());
        world.give(session_unsent{each->handle, 0});
        world.turn();
        CHECK(dense(seqs(*each), 2, 21));
        CHECK(each->last<wire::reply>().code == errc::none);
    }
}

TEST_CASE("who reads too slowly loses the subscription, and the second time the session") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.give(session_unsent{a.handle, limits::unsent_behind_bytes + 1});
    world.turn();
    CHECK(a.story() == "behind");
    world.post(a, tea, "not told");
    world.settle_all();
    CHECK(a.all<wire::event>().empty());

    world.subscribe(a, tea, 1, world.epoch);
    world.turn();
    CHECK(a.all<wire::page>().empty());  // not before it has read
    world.give(session_unsent{a.handle, 0});
    world.turn();
    CHECK(a.last<wire::event>().text == "not told");
    world.give(session_unsent{a.handle, limits::unsent_behind_bytes + 1});
    world.turn();
    CHECK(a.closed);
}
