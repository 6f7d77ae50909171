#include "shared/wire/digest.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

namespace {

std::vector<wire::event> log_of(std::uint64_t n) {
    std::vector<wire::event> log{create_event(general)};
    for (std::uint64_t seq = 2; seq <= n; ++seq)
        log.push_back(message_event(general, seq, bobs(seq), std::to_string(static_cast<unsigned>(seq))));
    return log;
}

void reconnect(device& d, std::uint64_t w) {
    d.close();
    d.wait(2'000);
    d.forget();
    d.greet({room_frame(general, "general", w)});
}

}  // namespace

TEST_CASE("after welcome all is said in one flight: the visible room, settles, the other rooms") {
    device d;
    d.start();
    d.show(kitchen);
    d.say(general, "never offered");
    d.greet({room_frame(general, "general", 1), room_frame(kitchen, "kitchen", 1)});
    d.resume(kitchen, {create_event(kitchen)}, 1);
    d.resume(general, {create_event(general)}, 1);
    d.close();
    d.wait(2'000);
    d.forget();
    d.greet({room_frame(general, "general", 1), room_frame(kitchen, "kitchen", 1)});
    REQUIRE(d.up.size() == 4);
    CHECK(std::get_if<wire::hello>(&d.up[0]));
    REQUIRE(std::get_if<wire::subscribe>(&d.up[1]));
    CHECK(std::get<wire::subscribe>(d.up[1]).room == kitchen);
    CHECK(std::get_if<wire::settle>(&d.up[2]));
    CHECK(std::get<wire::subscribe>(d.up[3]).room == general);
}

TEST_CASE("nothing is asked before the list of rooms is whole") {
    device d;
    d.start();
    d.say(general, "one");
    d.open();
    wire::welcome welcome;
    welcome.user = ann;
    welcome.time_ms = d.now.wall_ms;
    d.hub(welcome);
    d.hub(room_frame(general, "general", 1));
    CHECK(d.up.size() == 1);  // the hello
    d.hub(wire::reply{});
    CHECK(d.subscribed(general));
    CHECK(d.ops().size() == 1);
}

TEST_CASE("a resume that becomes a snapshot on its way is taken as one") {
    device d;
    d.be_in_general();
    const auto log = log_of(9);
    reconnect(d, 9);
    const auto asked = d.subscribed(general);
    REQUIRE(asked);
    d.hub(wire::page{asked->request, general, 2, false, 1});
    d.hub(log[2]);
    d.hub(log[3]);
    d.hub(wire::page{asked->request, general, 6, true, 1});
    for (std::size_t at = 6; at < log.size(); ++at)
        d.hub(log[at]);
    d.hub_watermark(general, 9);
    d.answer(asked->request);
    CHECK_FALSE(d.logged("resume_again"));
    CHECK(d.texts(general) == std::vector<std::string>{"7", "8", "9"});
    CHECK(d.core.room(general)->caught_up);
    CHECK(d.core.room(general)->held_from == 6);
}

TEST_CASE("a resume goes on from the cursor and draws nothing twice") {
    device d;
    d.be_in_general();
    d.hub(message_event(general, 3, bobs(3), "3"));
    REQUIRE(d.row(general, bobs(3)));
    d.close();
    CHECK(d.row(general, bobs(3))->dimmed);
    d.wait(2'000);
    d.forget();
    d.greet({room_frame(general, "general", 2)});
    REQUIRE(d.subscribed(general));
    CHECK(d.subscribed(general)->seq == 2);
    CHECK(d.subscribed(general)->epoch == 1);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "3"});
    auto log = log_of(4);
    log[1].text = "first";
    d.resume(general, log, 4);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "3", "4"});
    CHECK_FALSE(d.row(general, bobs(3))->dimmed);
    CHECK(d.core.room(general)->caught_up);
}

TEST_CASE(
    "others' provisional rows that a resume does not repeat are shown as withdrawn until their op returns") {
    device d;
    d.be_in_general();
    d.hub(message_event(general, 3, bobs(33), "lost?"));
    reconnect(d, 2);
    d.resume(general, log_of(3), 3);
    REQUIRE(d.row(general, bobs(33)));
    CHECK(d.row(general, bobs(33))->withdrawn);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "3", "lost?"});
    d.hub(message_event(general, 4, bobs(33), "lost?"));
    CHECK_FALSE(d.row(general, bobs(33))->withdrawn);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "3", "lost?"});
}

TEST_CASE("a fresh snapshot replaces what was held, and lowers what the server is told about it") {
    device d;
    d.be_in_general();
    d.close();
    const auto id = d.say(general, "composed at two");
    d.wait(2'000);
    d.forget();
    d.greet({room_frame(general, "general", 60)});
    const auto asked = *d.subscribed(general);
    bytes message;
    wire::append(message, wire::page{asked.request, general, 50, true, 9});
    for (std::uint64_t seq = 51; seq <= 60; ++seq)
        wire::append(message, message_event(general, seq, bobs(seq), "x", 9));
    wire::append(message, wire::watermark{general, 9, 60, {}});
    wire::reply reply;
    reply.request = asked.request;
    wire::append(message, reply);
    d.hub_message(message);
    CHECK(d.core.room(general)->held_from == 50);
    CHECK(d.core.room(general)->w == 60);
    CHECK_FALSE(d.row(general, bobs(2)));
    CHECK(d.state(general, id) == op_state::sending);
}

TEST_CASE("a snapshot of a shorter history lowers since") {
    device d;
    d.start();
    d.show(general);
    d.greet({room_frame(general, "general", 9)});
    d.resume(general, log_of(9), 9);
    d.close();
    d.say(general, "composed at nine");
    d.wait(2'000);
    d.forget();
    d.greet({room_frame(general, "general", 4)});
    REQUIRE(d.ops().size() == 1);  // never offered: nothing to settle
    CHECK(d.ops()[0].since == 0);
    const auto asked = *d.subscribed(general);
    bytes message;
    wire::append(message, wire::page{asked.request, general, 0, true, 2});
    for (auto event : log_of(4))
        event.epoch = 2, wire::append(message, event);
    wire::append(message, wire::watermark{general, 2, 4, {}});
    wire::reply reply;
    reply.request = asked.request;
    wire::append(message, reply);
    d.hub_message(message);
    d.forget();
    d.hub(wire::truncated{general, 3, 4});
    d.hub(wire::reply{});
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].since == 4);
    CHECK(d.core.room(general)->w == 4);
}

TEST_CASE("a reply that ends nothing does not start anything either") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    d.forget();
    d.hub(wire::reply{});
    CHECK(d.up.empty());
}

TEST_CASE("a refused subscription ends, and what is under way there is asked after once more") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    reconnect(d, 2);
    const auto first = d.sent<wire::settle>();
    REQUIRE(first.size() == 1);
    d.answer(d.subscribed(general)->request, errc::not_member);
    CHECK(d.sent<wire::settle>().size() == 1);  // a slow server is not asked for more and more
    d.answer(first[0].request);
    CHECK(d.sent<wire::settle>().size() == 2);
    CHECK_FALSE(d.core.room(general)->joined);
    d.forget();
    d.hub(room_frame(general, "general", 2));
    CHECK(d.subscribed(general));
}

TEST_CASE("a busy server is asked for the room again after a while") {
    device d;
    d.start();
    d.greet({room_frame(general, "general", 2)});
    d.answer(d.subscribed(general)->request, errc::busy);
    d.forget();
    CHECK_FALSE(d.subscribed(general));
    d.wait(1'000);
    CHECK(d.subscribed(general));
}

TEST_CASE("one subscribe is under way at a time") {
    device d;
    d.start();
    d.greet({room_frame(general, "general", 2)});
    d.hub(room_frame(general, "general", 2));
    d.show(general);
    CHECK(d.sent<wire::subscribe>().size() == 1);
}

TEST_CASE("who read too slowly resumes from the cursor") {
    device d;
    d.be_in_general();
    d.hub(wire::behind{general});
    REQUIRE(d.subscribed(general));
    CHECK(d.subscribed(general)->seq == 2);
    d.hub(message_event(general, 5, bobs(5), "not for us yet"));
    CHECK(d.texts(general) == std::vector<std::string>{"first"});
}

TEST_CASE("a gap is never drawn over: the room is resumed") {
    device d;
    d.be_in_general();
    d.hub(message_event(general, 5, bobs(5), "5"));
    CHECK(d.texts(general) == std::vector<std::string>{"first"});
    CHECK(d.sent<wire::unsubscribe>().size() == 1);
    REQUIRE(d.subscribed(general));
    CHECK(d.logged("resume_again"));
    d.resume(general, log_of(5), 5);
    CHECK(d.core.room(general)->w == 5);
}

TEST_CASE("a server that keeps breaking the protocol is left") {
    device d;
    d.be_in_general();
    for (int i = 0; i < 3; ++i) {
        d.hub(message_event(general, 50, bobs(50), "gap"));
        if (i < 2) d.resume(general, log_of(2), 2);
    }
    CHECK_FALSE(d.socket_open);
    CHECK(d.core.status(d.now).connection == connection_state::waiting);
}

TEST_CASE("the digest of a pong tells a lost tail: two that differ resume the rooms") {
    device d;
    d.be_in_general();
    const auto right = room_digest(general, 2, 2);
    d.hub(wire::pong{0, d.now.wall_ms, right});
    d.hub(wire::pong{0, d.now.wall_ms, right + 1});
    d.hub(wire::pong{0, d.now.wall_ms, right});
    d.hub(wire::pong{0, d.now.wall_ms, room_digest(general, 3, 2)});
    CHECK_FALSE(d.subscribed(general));
    d.hub(wire::pong{0, d.now.wall_ms, room_digest(general, 3, 2)});
    CHECK(d.subscribed(general));
    CHECK(d.sent<wire::unsubscribe>().size() == 1);
    d.resume(general, log_of(3), 3);
    CHECK(d.core.room(general)->w == 3);
}

}  // namespace parley::testing
