#include "server/store/store.hpp"
#include "tests/headless/raw_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"

/// How the process begins and ends.
namespace parley::testing {

TEST_CASE("SIGTERM tells every session, stores what there is and ends with 0") {
    server_process server{{"--hubs", GENERATE("1", "2"), "--message-rate", "0"}};
    const auto eve = sign_up(server.port(), "eve");
    raw_session listener{eve};
    REQUIRE(listener.greet(eve.user));
    native_client ann{sign_up(server.port(), "ann")};
    ann.show(general_room);
    REQUIRE(run_until({ann}, [&] { return ann.caught_up(general_room); }));
    for (int i = 0; i < 50; ++i)
        ann.say(general_room, std::to_string(i));
    REQUIRE(run_until({ann}, [&] {
        const auto* view = ann.core().room(general_room);
        return view && view->head >= 40;
    }));

    CHECK(server.stop() == 0);
    CHECK(listener.hear<wire::going_away>());
    CHECK(listener.closed_with() == static_cast<std::uint16_t>(close_code::going_away));

    server.start();
    REQUIRE(
        run_until({ann}, [&] { return ann.texts(general_room).size() >= 50 && ann.status().outbox == 0; }));
    CHECK(ann.texts(general_room).size() == 50);
}

TEST_CASE("the address to open is printed") {
    const server_process server;
    CHECK(server.says("Parley is at " + server.origin() + '\n'));
}

TEST_CASE("a server that keeps nothing says so") {
    const server_process server{{"--store", "memory"}};
    CHECK(server.says("nothing is kept"));
}

}  // namespace parley::testing
