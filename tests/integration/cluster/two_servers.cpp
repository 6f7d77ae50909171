#include "server/store/store.hpp"
#include "tests/integration/cluster/cluster.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"

/// Two servers on one PostgreSQL and one Redis.
using namespace parley;
using namespace parley::testing;

TEST_CASE("what is said on one server is heard on the other, in one order") {
    cluster both{2};
    native_client ann{both.sign_up("ann", 0)}, bob{both.sign_up("bob", 1)};
    const auto until = [&](const std::function<bool()>& holds) { return run_until({ann, bob}, holds); };
    ann.show(general_room);
    bob.show(general_room);
    REQUIRE(until([&] { return ann.caught_up(general_room) && bob.caught_up(general_room); }));
    for (int i = 0; i < 100; ++i) {
        ann.say(general_room, "ann " + std::to_string(i));
        bob.say(general_room, "bob " + std::to_string(i));
    }
    REQUIRE(until([&] {
        return ann.status().outbox + bob.status().outbox == 0 && ann.texts(general_room).size() == 200 &&
               bob.texts(general_room).size() == 200;
    }));
    CHECK(ann.texts(general_room) == bob.texts(general_room));

    const auto tea = ann.create("tea");
    REQUIRE(until([&] { return ann.joined(tea); }));
    bob.join(tea);
    bob.say(tea, "at once");
    REQUIRE(until([&] { return ann.texts(tea).size() == 1 && bob.status().outbox == 0; }));
}

TEST_CASE("a session goes on at another server, with what it had not sent") {
    cluster both{2};
    native_client ann{both.sign_up("ann", 0)}, bob{both.sign_up("bob", 1)};
    const auto until = [&](const std::function<bool()>& holds) { return run_until({ann, bob}, holds); };
    ann.show(general_room);
    bob.show(general_room);
    ann.say(general_room, "before");
    REQUIRE(until([&] { return bob.texts(general_room).size() == 1; }));
    both.server(0).kill();
    ann.say(general_room, "meanwhile");
    ann.move(both.server(1).port());
    REQUIRE(until([&] { return bob.texts(general_room).size() == 2 && ann.status().outbox == 0; }));
    CHECK(ann.texts(general_room) == bob.texts(general_room));
}
