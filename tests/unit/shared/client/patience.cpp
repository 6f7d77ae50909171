#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

/// What is asked and never answered, on a connection that answers its pings.
namespace parley::testing {

namespace {

constexpr std::int64_t patience_ms = client_config{}.answer_timeout_ms;

/// Time passes from deadline to deadline, and each ping finds its pong. False as soon as the socket is given
/// up.
bool wait_with_pongs(device& d, std::int64_t ms) {
    const auto until = d.now.mono_ms + ms;
    const auto socket = d.socket;
    std::size_t answered = d.sent<wire::ping>().size();
    while (d.now.mono_ms < until) {
        const auto due = d.core.deadline();
        const auto next = due && *due < until ? std::max(*due, d.now.mono_ms) : until;
        d.pass(next - d.now.mono_ms);
        if (due && *due <= d.now.mono_ms) d.feed(deadline_passed_fact{});
        if (!d.socket_open || d.socket != socket) return false;
        const auto pings = d.sent<wire::ping>();
        for (; answered < pings.size(); ++answered)
            d.hub(wire::pong{pings[answered].n, d.now.wall_ms, 0});
    }
    return true;
}

void say_page(device& d, const wire::subscribe& asked) {
    wire::page page;
    page.request = asked.request;
    page.room = asked.room;
    page.fresh = true;
    page.epoch = 1;
    d.hub(page);
}

wire::request last_request(device& d) {
    const auto all = d.sent<wire::request>();
    REQUIRE(!all.empty());
    return all.back();
}

void ask(device& d, intended::what kind) {
    intended fact;
    fact.kind = kind;
    fact.room = general;
    d.intend(fact);
}

}  // namespace

TEST_CASE("a subscribe that is never answered ends the connection, though pongs come") {
    device d;
    d.start();
    d.greet({room_frame(general, "general", 2)});
    REQUIRE(d.subscribed(general));
    CHECK(wait_with_pongs(d, patience_ms - 1));
    CHECK_FALSE(wait_with_pongs(d, 2));
    CHECK(d.logged("unanswered"));
    CHECK(d.core.status(d.now).connection == connection_state::waiting);
    d.wait(2'000);
    d.greet({room_frame(general, "general", 2)});
    d.resume(general, {create_event(general), message_event(general, 2, bobs(2), "first")}, 2);
    CHECK(d.core.room(general)->caught_up);
}

TEST_CASE("a list of rooms that never ends ends the connection") {
    device d;
    d.start();
    d.open();
    wire::welcome welcome;
    welcome.user = ann;
    welcome.epoch = 1;
    welcome.time_ms = d.now.wall_ms;
    d.hub(welcome);
    CHECK(wait_with_pongs(d, patience_ms - 1));
    d.hub(room_frame(general, "general"));  // it goes on
    CHECK(wait_with_pongs(d, patience_ms - 1));
    CHECK_FALSE(wait_with_pongs(d, 2));
}

TEST_CASE("history, members and the listing are waited for so long and no longer") {
    const auto kind =
        GENERATE(intended::what::load_older, intended::what::list_members, intended::what::list_rooms);
    device d;
    d.start();
    d.show(general);
    d.greet({room_frame(general, "general", 60)});
    say_page(d, *d.subscribed(general));
    d.answer(d.subscribed(general)->request);
    REQUIRE(wait_with_pongs(d, patience_ms + 1));  // nothing is open
    d.close();
    d.wait(2'000);
    d.greet({room_frame(general, "general", 60)});
    wire::page fresh;
    fresh.request = d.subscribed(general)->request;
    fresh.room = general;
    fresh.from = 59;
    fresh.fresh = true;
    fresh.epoch = 1;
    d.hub(fresh);
    d.hub(message_event(general, 60, bobs(60), "newest"));
    d.hub_watermark(general, 60);
    d.answer(fresh.request);
    ask(d, kind);
    last_request(d);
    CHECK(wait_with_pongs(d, patience_ms - 1));
    CHECK_FALSE(wait_with_pongs(d, 2));
}

TEST_CASE("a settle that is never answered ends the connection") {
    device d;
    d.be_in_general();
    d.say(general, "on its way");
    d.close();
    d.wait(2'000);
    d.greet({room_frame(general, "general", 2)});
    REQUIRE(d.sent<wire::settle>().size() == 1);
    d.resume(general, {create_event(general), message_event(general, 2, bobs(2), "first")}, 2);
    CHECK_FALSE(wait_with_pongs(d, patience_ms + 1));
}

TEST_CASE("an answer that comes in parts is waited for, but not for ever") {
    device d;
    d.start();
    d.greet({room_frame(general, "general", 1'000)});
    say_page(d, *d.subscribed(general));
    std::uint64_t seq = 1;
    d.hub(create_event(general));
    for (int part = 0; part < 9; ++part) {
        REQUIRE(wait_with_pongs(d, patience_ms - 1));
        ++seq;
        d.hub(message_event(general, seq, bobs(seq), "part"));
    }
    CHECK_FALSE(wait_with_pongs(d, 2 * patience_ms));
}

TEST_CASE("what people say in a room does not stand for the answer about it") {
    device d;
    d.be_in_general();
    ask(d, intended::what::list_members);
    REQUIRE(wait_with_pongs(d, patience_ms - 1));
    d.hub(message_event(general, 3, bobs(3), "chatter"));
    CHECK_FALSE(wait_with_pongs(d, 2));
}

TEST_CASE("an answer gives those behind it their whole time anew, and those before it nothing") {
    device d;
    d.be_in_general();
    ask(d, intended::what::list_members);
    const auto first = last_request(d);
    ask(d, intended::what::list_rooms);
    const auto second = last_request(d);
    REQUIRE(!(first.id == second.id));
    REQUIRE(wait_with_pongs(d, patience_ms - 1));

    SECTION("the first is answered") {
        d.answer(first.id);
        CHECK(wait_with_pongs(d, patience_ms - 1));
        CHECK_FALSE(wait_with_pongs(d, 2));
    }
    SECTION("the second is answered") {
        d.answer(second.id);
        CHECK_FALSE(wait_with_pongs(d, 2));
    }
}

TEST_CASE("a host that slept reads what came meanwhile before it judges") {
    device d;
    d.start();
    d.greet({room_frame(general, "general", 2)});
    d.pass(10 * patience_ms);
    d.feed(deadline_passed_fact{});
    CHECK(d.socket_open);
    CHECK_FALSE(d.logged("unanswered"));
    d.resume(general, {create_event(general), message_event(general, 2, bobs(2), "first")}, 2);
    CHECK(d.core.room(general)->caught_up);
}

TEST_CASE("a truncation that is never told to its end ends the connection") {
    device d;
    d.be_in_general();
    d.hub(wire::truncated{general, 2, 1});
    CHECK(wait_with_pongs(d, patience_ms - 1));
    CHECK_FALSE(wait_with_pongs(d, 2));
}

}  // namespace parley::testing
