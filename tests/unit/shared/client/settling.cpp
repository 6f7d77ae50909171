#include "shared/wire/digest.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

#include <algorithm>

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

TEST_CASE("of a room that makes space for the one on the screen, verdicts are asked for") {
    device d;
    d.start();
    std::vector<wire::room> rooms;
    for (std::size_t n = 0; n <= limits::subscriptions; ++n)
        rooms.push_back(room_frame(room_id{{7, n + 1}}, "room", 1));
    d.greet(rooms);
    const auto last = rooms[limits::subscriptions - 1].id, hidden = rooms[limits::subscriptions].id;
    d.resume(last, {create_event(last)}, 1);
    const auto said = d.say(last, "on its way");
    d.hub(event_of(d.ops().back(), 2));
    d.forget();
    d.show(hidden);
    d.say(hidden, "look");
    REQUIRE(d.subscribed(hidden));
    CHECK_FALSE(d.core.room(last)->caught_up);
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(settles[0].room == last);
    CHECK(settles[0].ops == std::vector<op_id>{said.op});
}

TEST_CASE("a room's new ops wait until what was offered there has been asked after") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    reconnect(d, 2);
    d.say(general, "two");
    CHECK(d.ops().empty());
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(settles[0].ops == std::vector<op_id>{one.op});
    wire::op named;
    named.id = one.op;
    named.room = general;
    d.hub(reply_to(named, outcome::unknown));
    CHECK(d.ops().empty());
    d.answer(settles[0].request);
    REQUIRE(d.ops().size() == 2);
    CHECK(d.ops()[0].again);
    CHECK(d.ops()[0].since == 0);  // not resumed on this connection yet
    CHECK_FALSE(d.ops()[1].again);
}

TEST_CASE("an op that settle finds placed is not sent again") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    const auto op = d.ops()[0];
    reconnect(d, 2);
    auto placed = reply_to(op, outcome::placed);
    placed.seq = 3;
    d.hub(placed);
    d.answer(d.sent<wire::settle>()[0].request);
    CHECK(d.ops().empty());
    CHECK(d.state(general, one) == op_state::sent);
    d.resume(general, {event_of(op, 3)}, 2);
    d.hub_watermark(general, 3);
    CHECK(d.state(general, one) == op_state::stored);
}

TEST_CASE("what has its place below a fresh snapshot is asked about") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "placed at three");
    const auto offered = d.ops().back();
    auto gone = room_frame(general, "general", 2, false);
    d.hub(gone);  // of an older time
    auto placed = reply_to(offered, outcome::placed);
    placed.seq = 3;
    d.hub(placed);
    d.answer(d.sent<wire::settle>().back().request);
    d.forget();
    d.hub(room_frame(general, "general", 2));
    const auto asked = *d.subscribed(general);
    bytes message;
    wire::append(message, wire::page{asked.request, general, 3, true, 1});
    wire::append(message, message_event(general, 4, bobs(4), "x"));
    wire::append(message, wire::watermark{general, 1, 4, {}});
    wire::reply reply;
    reply.request = asked.request;
    wire::append(message, reply);
    d.hub_message(message);
    REQUIRE(d.sent<wire::settle>().size() == 1);
    CHECK(d.sent<wire::settle>()[0].ops == std::vector<op_id>{id.op});
}

TEST_CASE("a truncation offers one's own again and withdraws others', in one run") {
    device d;
    d.be_in_general();
    const auto mine = d.say(general, "mine");
    const auto op = d.ops()[0];
    d.hub(event_of(op, 3));
    d.hub(message_event(general, 4, bobs(4), "his"));
    CHECK(d.state(general, mine) == op_state::sent);
    d.forget();
    bytes message;
    wire::append(message, wire::truncated{general, 2, 2});
    wire::append(message, message_event(general, 3, bobs(9), "new in the store", 2));
    wire::append(message, wire::watermark{general, 2, 3, {}});
    wire::append(message, wire::reply{});
    d.hub_message(message);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == mine.op);
    CHECK(d.ops()[0].again);
    CHECK(d.state(general, mine) == op_state::sending);
    CHECK(d.row(general, bobs(4))->withdrawn);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "new in the store", "his", "mine"});
    d.hub_watermark(general, 4, 1);  // of the old epoch: settles nothing
    CHECK(d.core.room(general)->w == 3);
    d.hub(event_of(op, 4, 2));
    d.hub_watermark(general, 4, 2);
    CHECK(d.state(general, mine) == op_state::stored);
}

TEST_CASE("whose verdicts are lost offers again what is in rooms that are not followed") {
    device d;
    d.be_in_general();
    const auto here = d.say(general, "followed");
    intended join;
    join.kind = intended::what::join_room;
    join.room = kitchen;
    d.intend(join);
    d.hub(reply_to(d.ops()[1], outcome::placed));
    d.hub(event_of(d.ops()[0], 3));
    d.forget();
    d.hub(wire::lost{2});
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].kind == change_kind::join);
    CHECK(d.ops()[0].again);
    CHECK(d.state(general, here) == op_state::sent);
}

TEST_CASE("one's own row stands once, whatever the server says of its place") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    const auto op = d.ops()[0];
    d.hub(event_of(op, 3));
    reconnect(d, 2);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "one"});
    CHECK(d.row(general, id)->dimmed);
    d.hub(reply_to(op, outcome::unknown));
    CHECK(d.texts(general) == std::vector<std::string>{"first", "one"});
    CHECK(d.state(general, id) == op_state::queued);
    CHECK(d.row(general, id)->seq == 0);
    d.answer(d.sent<wire::settle>()[0].request);
    auto log = log_of(4);
    log[1].text = "first";
    d.resume(general, log, 3);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "3", "4", "one"});
    CHECK(d.state(general, id) == op_state::sending);
}

TEST_CASE("one's own row stands once where another epoch had told its place before the verdict came") {
    device d;
    d.be_in_general();
    const auto told = d.say(general, "told");
    const auto untold = d.say(general, "untold");
    d.hub(event_of(d.ops()[0], 3));
    d.hub(message_event(general, 4, bobs(4), "x"));
    d.hub(message_event(general, 5, bobs(5), "y"));
    reconnect(d, 9);
    std::uint64_t seq = 6;
    for (const auto& id : {told, untold}) {
        wire::op named;
        named.id = id.op;
        named.room = general;
        auto verdict = reply_to(named, outcome::committed);
        verdict.kind = change_kind::message;
        verdict.epoch = 2;
        verdict.seq = seq;
        d.hub(verdict);
        seq = 4;
    }
    CHECK(d.core.outbox().empty());
    const auto texts = d.texts(general);
    CHECK(std::count(texts.begin(), texts.end(), "told") == 1);
    CHECK(std::count(texts.begin(), texts.end(), "untold") == 1);
}

TEST_CASE("what was placed before a resume by digest is asked for") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    d.hub(event_of(d.ops()[0], 3));
    REQUIRE(d.state(general, one) == op_state::sent);
    d.forget();
    d.hub(wire::pong{0, d.now.wall_ms, 7});
    d.hub(wire::pong{0, d.now.wall_ms, 7});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(settles[0].ops == std::vector{one.op});
}

}  // namespace parley::testing
