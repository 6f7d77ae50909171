#include "server/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

/// What somebody finds after a crash; `kills.cpp` is about what they lose.
namespace parley::testing {

TEST_CASE("a client that reads a restarted server's log finds what was stored and nothing else") {
    server_process server{{"--hubs", GENERATE("1", "2"), "--message-rate", "0"}};
    native_client ann{sign_up(server.port(), "ann")};
    ann.show(general_room);
    REQUIRE(run_until({ann}, [&] { return ann.caught_up(general_room); }));
    for (int i = 0; i < 20; ++i)
        ann.say(general_room, std::to_string(i));
    REQUIRE(run_until({ann}, [&] { return ann.status().outbox == 0; }));
    const auto before = ann.texts(general_room);
    server.kill();
    server.start();
    native_client bob{sign_up(server.port(), "bob")};
    bob.show(general_room);
    REQUIRE(run_until({ann, bob}, [&] { return bob.texts(general_room).size() >= 20; }));
    CHECK(bob.texts(general_room) == before);
}

}  // namespace parley::testing
