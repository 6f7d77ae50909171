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

TEST_CASE("older pages extend what is held downwards, one at a time") {
    device d;
    d.start();
    d.show(general);
    d.greet({room_frame(general, "general", 60)});
    const auto asked = *d.subscribed(general);
    d.hub(wire::page{asked.request, general, 58, true, 1});
    d.hub(message_event(general, 59, bobs(59), "59"));
    d.hub(message_event(general, 60, bobs(60), "60"));
    d.hub_watermark(general, 60);
    d.answer(asked.request);
    intended more;
    more.kind = intended::what::load_older;
    more.room = general;
    d.intend(more);
    d.intend(more);
    const auto requests = d.sent<wire::request>();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].before == 59);
    CHECK(d.core.room(general)->loading_older);
    d.hub(message_event(general, 57, bobs(57), "57"));
    d.hub(message_event(general, 58, bobs(58), "58"));
    CHECK(d.texts(general) == std::vector<std::string>{"59", "60"});
    wire::reply reply;
    reply.request = requests[0].id;
    reply.from = 56;
    reply.to = 58;
    reply.more = true;
    d.hub(reply);
    CHECK(d.texts(general) == std::vector<std::string>{"57", "58", "59", "60"});
    CHECK(d.core.room(general)->held_from == 56);
    CHECK_FALSE(d.core.room(general)->loading_older);
}

TEST_CASE("an older page that was asked for before leaving does not join what is held afterwards") {
    device d;
    d.start();
    d.show(general);
    d.greet({room_frame(general, "general", 60)});
    const auto asked = *d.subscribed(general);
    d.hub(wire::page{asked.request, general, 59, true, 1});
    d.hub(message_event(general, 60, bobs(60), "60"));
    d.hub_watermark(general, 60);
    d.answer(asked.request);
    intended more;
    more.kind = intended::what::load_older;
    more.room = general;
    d.intend(more);
    d.hub(room_frame(general, "general", 60, false));
    d.hub(room_frame(general, "general", 60));
    d.hub(message_event(general, 59, bobs(59), "59"));
    wire::reply reply;
    reply.request = d.sent<wire::request>().at(0).id;
    reply.from = 58;
    reply.to = 59;
    d.hub(reply);
    CHECK(d.core.room(general)->held_from == 59);
}

TEST_CASE("unread are the messages of others above the read mark, in every tab") {
    device d;
    d.be_in_general();
    CHECK(d.core.room(general)->unread == 1);
    d.hub(message_event(general, 3, bobs(3), "3"));
    CHECK(d.core.room(general)->unread == 1);  // not stored yet
    d.hub_watermark(general, 3);
    CHECK(d.core.room(general)->unread == 2);
    intended read;
    read.kind = intended::what::mark_read;
    read.room = general;
    d.intend(read);
    CHECK(d.core.room(general)->unread == 0);
    REQUIRE(d.sent<wire::receipt>().size() == 1);
    CHECK(d.sent<wire::receipt>()[0].read == 3);
    d.say(general, "mine");
    d.hub(event_of(d.ops()[0], 4));
    d.hub(message_event(general, 5, bobs(5), "5"));
    d.hub_watermark(general, 5);
    CHECK(d.core.room(general)->unread == 1);
    auto elsewhere = room_frame(general, "general", 5);
    elsewhere.read = 5;
    d.hub(elsewhere);
    CHECK(d.core.room(general)->unread == 0);
}

TEST_CASE("unread below what is held is counted as the server says") {
    device d;
    d.start();
    auto frame = room_frame(general, "general", 90);
    frame.read = 10;
    frame.unread = 80;
    d.greet({frame});
    const auto asked = *d.subscribed(general);
    d.hub(wire::page{asked.request, general, 89, true, 1});
    d.hub(message_event(general, 90, bobs(90), "90"));
    d.hub_watermark(general, 90);
    d.answer(asked.request);
    CHECK(d.core.room(general)->unread == 80);
    d.hub(message_event(general, 91, bobs(91), "91"));
    d.hub_watermark(general, 91);
    CHECK(d.core.room(general)->unread == 81);
}

TEST_CASE("members are counted and listed as they come and go") {
    device d;
    d.be_in_general();
    CHECK(d.core.room(general)->members == 2);
    intended list;
    list.kind = intended::what::list_members;
    list.room = general;
    d.intend(list);
    const auto requests = d.sent<wire::request>();
    REQUIRE(requests.size() == 1);
    wire::reply first;
    first.request = requests[0].id;
    first.w = 2;
    first.members = {{ann, "ann", 1}};
    first.more = true;
    first.key = "next";
    d.hub(first);
    CHECK(d.core.members(general) == nullptr);
    REQUIRE(d.sent<wire::request>().size() == 2);
    CHECK(d.sent<wire::request>()[1].key == "next");
    wire::reply last;
    last.request = d.sent<wire::request>()[1].id;
    last.w = 2;
    last.members = {{bob, "bob", 1}};
    d.hub(last);
    REQUIRE(d.core.members(general));
    CHECK(d.core.members(general)->size() == 2);
    auto leave = message_event(general, 3, bobs(3), "");
    leave.kind = change_kind::leave;
    d.hub(leave);
    d.hub_watermark(general, 3);
    CHECK(d.core.members(general)->size() == 1);
    CHECK(d.core.room(general)->members == 1);
}

}  // namespace parley::testing
