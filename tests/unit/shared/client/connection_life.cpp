#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

namespace {

connection_state state_of(const device& d) {
    return d.core.status(d.now).connection;
}

void live(device& d) {
    d.start();
    d.greet();
}

}  // namespace

TEST_CASE("the connection goes from offline by hello and welcome to live") {
    device d;
    CHECK(state_of(d) == connection_state::offline);
    d.start();
    CHECK(state_of(d) == connection_state::connecting);
    CHECK(d.socket_open);
    d.open();
    CHECK(state_of(d) == connection_state::greeting);
    REQUIRE(d.sent<wire::hello>().size() == 1);
    CHECK(d.sent<wire::hello>()[0].user == ann);
    CHECK_FALSE(d.sent<wire::hello>()[0].device.is_zero());
    wire::welcome welcome;
    welcome.user = ann;
    d.hub(welcome);
    CHECK(state_of(d) == connection_state::live);
    CHECK(d.core.status(d.now).attempt == 0);
}

TEST_CASE("failures wait longer and longer, after ten tries every 30 s, and retry now does not wait") {
    device d;
    d.start();
    for (std::uint32_t i = 1; i <= 10; ++i) {
        CHECK(d.core.status(d.now).attempt == i);
        d.close();
        if (i == 10) break;
        CHECK(state_of(d) == connection_state::waiting);
        const auto next = d.core.status(d.now).next_ms;
        CHECK(next > d.now.mono_ms);
        CHECK(next <= d.now.mono_ms + 30'000);
        d.wait(next - d.now.mono_ms);
        CHECK(state_of(d) == connection_state::connecting);
    }
    CHECK(state_of(d) == connection_state::failed);
    CHECK(d.core.status(d.now).next_ms == d.now.mono_ms + 30'000);
    d.wait(30'000);
    CHECK(state_of(d) == connection_state::connecting);
    d.close();
    CHECK(state_of(d) == connection_state::failed);
    intended retry;
    retry.kind = intended::what::retry_now;
    d.intend(retry);
    CHECK(state_of(d) == connection_state::connecting);
    d.close();
    CHECK(state_of(d) == connection_state::waiting);
}

TEST_CASE("a socket that never opens, or never says welcome, is given up after 10 s") {
    device d;
    d.start();
    d.wait(9'999);
    CHECK(d.socket_open);
    d.wait(1);
    CHECK_FALSE(d.socket_open);
    CHECK(state_of(d) == connection_state::waiting);
}

TEST_CASE("news of an abandoned socket are dropped") {
    device d;
    d.start();
    const auto old = d.socket;
    d.wait(10'000);
    d.wait(30'000);
    REQUIRE(d.socket != old);
    d.feed(socket_opened{old});
    d.feed(socket_closed{old, 1006});
    CHECK(d.up.empty());
    CHECK(d.socket_open);
}

TEST_CASE("only a connection that lived for 30 s starts the backoff anew") {
    device d;
    live(d);
    d.close();
    CHECK(d.core.status(d.now).attempt == 2);
    d.wait(30'000);
    d.greet();
    while (d.core.status(d.now).round_trip_ms < 0) {
        d.wait(1'000);
        if (!d.sent<wire::ping>().empty()) d.hub(wire::pong{d.sent<wire::ping>().back().n, d.now.wall_ms, 0});
    }
    d.close();
    CHECK(d.core.status(d.now).attempt == 2);
}

TEST_CASE("who is not signed in is asked to, and nothing is tried until then") {
    for (const auto why : {close_code::unauthenticated, close_code::revoked, close_code::wrong_user}) {
        device d;
        d.start();
        d.say(general, "waits for its owner");
        d.greet();
        d.close(static_cast<std::uint16_t>(why));
        CHECK(state_of(d) == connection_state::offline);
        CHECK_FALSE(d.core.status(d.now).signed_in);
        REQUIRE(d.sign_in);
        CHECK(*d.sign_in == (why == close_code::unauthenticated ? errc::unauthenticated
                             : why == close_code::revoked       ? errc::revoked
                                                                : errc::wrong_user));
        CHECK_FALSE(d.core.deadline());
        d.feed(signed_in{bob});
        CHECK(state_of(d) == connection_state::offline);
        d.feed(signed_in{ann});
        CHECK(state_of(d) == connection_state::connecting);
        CHECK(d.core.status(d.now).outbox == 1);
    }
}

TEST_CASE("an error before the close says why where the close code is lost") {
    device d;
    d.start();
    d.open();
    d.hub(wire::error_frame{errc::unauthenticated, "", {}});
    d.close(1006);
    REQUIRE(d.sign_in);
    CHECK(*d.sign_in == errc::unauthenticated);
}

TEST_CASE("another user's session is left at once, and the outbox waits for its owner") {
    device d;
    d.start();
    d.say(general, "ann's");
    d.open();
    wire::welcome welcome;
    welcome.user = bob;
    d.hub(welcome);
    CHECK(*d.sign_in == errc::wrong_user);
    CHECK_FALSE(d.socket_open);
    CHECK(d.ops().empty());
    CHECK(d.core.status(d.now).outbox == 1);
}

TEST_CASE("too many sessions is a long wait") {
    device d;
    live(d);
    d.close(4408);
    CHECK(state_of(d) == connection_state::failed);
    CHECK(d.core.status(d.now).next_ms == d.now.mono_ms + 30'000);
}

TEST_CASE("a server that goes away is found again within the time it gave, and it is no failure") {
    device d;
    live(d);
    d.hub(wire::going_away{1'000});
    CHECK(state_of(d) == connection_state::live);
    d.close(1001);
    CHECK(state_of(d) == connection_state::waiting);
    CHECK(d.core.status(d.now).attempt == 1);
    d.wait(1'000);
    CHECK(state_of(d) == connection_state::connecting);
}

TEST_CASE("a server that says it goes away and stays is left when its time has come") {
    device d;
    live(d);
    const auto old = d.socket;
    d.hub(wire::going_away{1'000});
    d.wait(1'000);
    CHECK(d.socket == old + 1);
}

TEST_CASE(
    "without a network waiting shows as offline, tries on slowly, and the network's return retries at once") {
    device d;
    d.start();
    d.feed(network_changed{false});
    d.close();
    CHECK(state_of(d) == connection_state::offline);
    CHECK(d.core.status(d.now).next_ms == d.now.mono_ms + 30'000);
    d.feed(network_changed{true});
    CHECK(state_of(d) == connection_state::connecting);
    d.close();
    d.feed(page_shown{true});
    CHECK(state_of(d) == connection_state::connecting);
}

TEST_CASE("three pings without an answer end the connection") {
    device d;
    live(d);
    d.wait(29'999);
    CHECK(d.sent<wire::ping>().empty());
    d.wait(1);
    CHECK(d.sent<wire::ping>().size() == 1);
    d.wait(5'000);
    CHECK(d.core.status(d.now).health == connection_health::degraded);
    d.wait(5'000);
    CHECK(d.core.status(d.now).health == connection_health::unhealthy);
    CHECK(d.socket_open);
    d.wait(4'999);
    CHECK(state_of(d) == connection_state::live);
    d.wait(1);
    CHECK(state_of(d) != connection_state::live);
    CHECK(d.logged("no_answer"));
}

TEST_CASE("any frame answers a ping, and a pong tells the round trip") {
    device d;
    live(d);
    d.wait(35'000);
    d.hub(wire::going_away{1'000'000});
    CHECK(d.core.status(d.now).health == connection_health::healthy);
    d.wait(30'000);
    d.pass(42);
    d.hub(wire::pong{d.sent<wire::ping>().back().n, d.now.wall_ms, 0});
    CHECK(d.core.status(d.now).round_trip_ms == 42);
}

TEST_CASE("a probe ends a dead connection on its first miss") {
    device d;
    live(d);
    d.feed(page_shown{true});
    CHECK(d.sent<wire::ping>().size() == 1);
    d.feed(page_shown{true});
    CHECK(d.sent<wire::ping>().size() == 1);
    const auto old = d.socket;
    d.wait(1'499);
    CHECK(state_of(d) == connection_state::live);
    d.wait(1);
    CHECK(state_of(d) == connection_state::connecting);
    CHECK(d.socket == old + 1);
}

TEST_CASE("a probe is patient with a connection that is slow") {
    device d;
    live(d);
    d.wait(30'000);
    d.pass(500);
    d.hub(wire::pong{d.sent<wire::ping>().back().n, d.now.wall_ms, 0});
    d.feed(page_shown{true});
    d.wait(1'500 + 4 * 500 - 1);
    CHECK(state_of(d) == connection_state::live);
    d.wait(1);
    CHECK(state_of(d) != connection_state::live);
}

TEST_CASE("a network that goes leaves the connection the usual time to answer") {
    device d;
    live(d);
    d.feed(network_changed{false});
    CHECK(d.sent<wire::ping>().size() == 1);
    d.wait(4'999);
    CHECK(state_of(d) == connection_state::live);
    d.wait(1);
    CHECK(state_of(d) != connection_state::live);
}

TEST_CASE("a network that is back makes the question that is open a probe") {
    device d;
    live(d);
    d.feed(network_changed{false});
    d.wait(1'000);
    d.feed(network_changed{true});
    CHECK(d.sent<wire::ping>().size() == 1);
    d.wait(1'499);
    CHECK(state_of(d) == connection_state::live);
    d.wait(1);
    CHECK(state_of(d) != connection_state::live);
}

TEST_CASE("a network that is back does not hurry what has answered") {
    device d;
    live(d);
    d.feed(network_changed{false});
    d.feed(network_changed{true});
    d.hub(wire::pong{d.sent<wire::ping>().back().n, d.now.wall_ms, 0});
    d.wait(20'000);
    CHECK(state_of(d) == connection_state::live);
    CHECK(d.sent<wire::ping>().size() == 1);
}

TEST_CASE("a timer that fires late probes before it judges") {
    device d;
    live(d);
    d.wait(40'000);
    REQUIRE(d.sent<wire::ping>().size() == 3);  // the third miss would end it
    d.pass(3'600'000);                          // asleep
    d.feed(deadline_passed_fact{});
    CHECK(state_of(d) == connection_state::live);
    REQUIRE(d.sent<wire::ping>().size() == 4);
    d.hub(wire::pong{d.sent<wire::ping>()[3].n, d.now.wall_ms, 0});
    CHECK(d.core.status(d.now).health == connection_health::healthy);
}

TEST_CASE("what is no frame ends the connection and changes nothing else") {
    device d;
    d.be_in_general();
    const bytes garbage(64, 0xee);
    d.hub_message(garbage);
    CHECK(state_of(d) == connection_state::waiting);
    CHECK(d.texts(general) == std::vector<std::string>{"first"});
    CHECK(d.logged("bad_frame"));
}

TEST_CASE("frames before welcome are not listened to") {
    device d;
    d.start();
    d.open();
    d.hub(room_frame(general, "general", 1));
    d.hub(wire::reply{});
    CHECK(d.core.rooms().empty());
    CHECK(d.up.size() == 1);
}

TEST_CASE("signing out forgets everything and closes") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    d.feed(signed_out{});
    CHECK(d.forgotten);
    CHECK_FALSE(d.socket_open);
    CHECK(d.core.rooms().empty());
    CHECK(d.core.status(d.now).outbox == 0);
    CHECK_FALSE(d.core.deadline());
    d.writes.clear();
    d.feed(page_shown{true});
    CHECK(d.writes.empty());
}

TEST_CASE("facts before started change nothing") {
    device d;
    d.feed(page_shown{true});
    d.feed(deadline_passed_fact{});
    CHECK(d.socket == 0);
    CHECK_FALSE(d.core.deadline());
}

}  // namespace parley::testing
