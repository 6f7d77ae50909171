#include "server/hub/hub.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

namespace {

std::vector<std::string> texts(const hub_world::listener& who) {
    std::vector<std::string> found;
    for (const auto& event : who.all<wire::event>()) {
        if (event.kind == change_kind::message) found.push_back(event.text);
    }
    return found;
}

}  // namespace

TEST_CASE("a room lives: created, joined, written to and stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    CHECK(a.story() == "welcome reply");

    const auto created = world.create(a, tea, "tea");
    world.settle_all();
    CHECK(a.reply_to(created).outcome == outcome::committed);
    CHECK(a.reply_to(created).seq == 1);
    CHECK(a.last<wire::room>().joined);
    CHECK(a.last<wire::room>().name == "tea");

    world.subscribe(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.subscribe(b, tea);
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    a.heard.clear();
    b.heard.clear();

    world.storing = false;
    world.post(a, tea, "hello");
    world.turn();
    CHECK(a.story() == "event");
    CHECK(b.story() == "event");
    CHECK(b.last<wire::event>().author_name == "ann");
    CHECK(b.last<wire::event>().seq == 3);

    world.store_next();
    world.turn();
    CHECK(a.story() == "event watermark");
    CHECK(b.story() == "event");
    world.pass(limits::watermark_delay_ms);
    CHECK(b.story() == "event watermark");
    CHECK(b.last<wire::watermark>().w == 3);
}

TEST_CASE("hello comes first") {
    hub_world world;
    auto& a = world.connect(ann, "ann");
    world.say(a, wire::ping{1});
    world.turn();
    CHECK(a.last<wire::error_frame>().code == errc::out_of_order);
    CHECK(a.closed);
}

TEST_CASE("who says no hello is cut after five seconds") {
    hub_world world;
    auto& a = world.connect(ann, "ann");
    world.pass(limits::hello_ms - 1);
    CHECK_FALSE(a.closed);
    world.pass(1);
    CHECK(a.closed);
    CHECK(a.code == close_code::policy_violation);
}

TEST_CASE("another version is told which are spoken") {
    hub_world world;
    auto& a = world.connect(ann, "ann");
    world.say(a, wire::hello{9, ann, {}, ""});
    world.turn();
    CHECK(a.last<wire::error_frame>().code == errc::unsupported_version);
    CHECK(a.last<wire::error_frame>().versions == std::vector<std::uint16_t>{protocol_version});
    CHECK(a.closed);
}

TEST_CASE("a hello of another user ends with wrong_user") {
    hub_world world;
    auto& a = world.connect(ann, "ann");
    world.say(a, wire::hello{protocol_version, bob, {}, ""});
    world.turn();
    CHECK(a.last<wire::error_frame>().code == errc::wrong_user);
    CHECK(a.code == close_code::wrong_user);
}

TEST_CASE("a user has so many sessions and no more") {
    hub_config config;
    config.sessions_per_user = 2;
    hub_world world{config};
    world.greet(ann, "ann");
    auto& second = world.greet(ann, "ann");
    auto& third = world.connect(ann, "ann");
    world.turn();
    CHECK(third.code == close_code::too_many_sessions);
    CHECK_FALSE(second.closed);
    CHECK(world.core.counts().sockets == 2);
}

TEST_CASE("ended logins close their sockets") {
    hub_world world;
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.give(logins_ended{{login_id{{4, ann.value.lo}}}});
    world.turn();
    CHECK(a.last<wire::error_frame>().code == errc::revoked);
    CHECK(a.code == close_code::revoked);
    CHECK_FALSE(b.closed);
}

TEST_CASE("a stopping server says so") {
    hub_world world;
    auto& a = world.greet(ann, "ann");
    world.give(shutting_down{});
    world.turn();
    CHECK(a.last<wire::going_away>().retry_ms > 0);
}

TEST_CASE("create, join and send in one go works") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    const auto created = world.create(a, tea, "tea");
    const auto first = world.post(a, tea, "first", created);
    world.settle_all();
    CHECK(a.reply_to(created).seq == 1);
    CHECK(a.reply_to(first).outcome == outcome::committed);
    CHECK(a.reply_to(first).seq == 2);

    const auto joined = world.join(b, tea);
    const auto second = world.post(b, tea, "second", joined);
    const auto third = world.post(b, tea, "third", second);
    world.settle_all();
    CHECK(b.reply_to(joined).seq == 3);
    CHECK(b.reply_to(second).seq == 4);
    CHECK(b.reply_to(third).seq == 5);
}

TEST_CASE("an op offered twice has one place") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    auto op = message(world, "once");
    world.offer(a, op);
    world.settle_all();
    op.again = true;
    world.offer(a, op);
    world.settle_all();
    CHECK(texts(a) == std::vector<std::string>{"once"});
    CHECK(a.reply_to(op.id).outcome == outcome::committed);
    CHECK(a.reply_to(op.id).seq == 2);

    SECTION("another payload under its id is a conflict") {
        op.text = "twice";
        world.offer(a, op);
        world.settle_all();
        CHECK(a.reply_to(op.id).outcome == outcome::rejected);
        CHECK(a.reply_to(op.id).code == errc::conflict);
    }
}

TEST_CASE("an op behind one without a place goes back") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    const auto lost = world.post(a, tea, "second", world.fresh_op());
    world.settle_all();
    CHECK(a.reply_to(lost).outcome == outcome::later);
    CHECK(a.reply_to(lost).code == errc::after_missing);
}

TEST_CASE("who is no member may not write") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    const auto refused = world.post(b, tea, "let me in");
    const auto nowhere = world.post(b, hub_world::room(9), "anybody?");
    world.settle_all();
    CHECK(b.reply_to(refused).outcome == outcome::rejected);
    CHECK(b.reply_to(refused).code == errc::not_member);
    CHECK(b.reply_to(nowhere).code == errc::no_such_room);
    CHECK(texts(a).empty());
}

TEST_CASE("a repeat is refused by a void") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    auto op = message(world, "again");
    op.again = true;
    world.offer(b, op);
    world.settle_all();
    CHECK(b.reply_to(op.id).outcome == outcome::committed);
    CHECK(b.reply_to(op.id).kind == change_kind::nothing);
    CHECK(b.reply_to(op.id).code == errc::not_member);
    CHECK(a.last<wire::event>().kind == change_kind::nothing);
}

TEST_CASE("a repeat that was refused where there is no room stays refused when there is one") {
    hub_world world;
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    auto op = message(world, "too early");
    op.again = true;
    world.offer(a, op);
    world.settle_all();
    CHECK(a.reply_to(op.id).code == errc::no_such_room);
    world.create(b, tea, "tea");
    world.settle_all();
    world.join(a, tea);
    world.settle_all();
    world.offer(a, op);
    world.settle_all();
    CHECK(a.reply_to(op.id).outcome == outcome::rejected);
    CHECK(a.reply_to(op.id).code == errc::no_such_room);
    CHECK(world.store.load_room(tea)->head == 2);
}

TEST_CASE("what an op says is checked before it gets a place") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    const auto empty = world.post(a, tea, "  ");
    const auto large = world.post(a, tea, std::string(limits::message_code_points + 1, 'x'));
    wire::op future;
    future.id = {make_ulid(world.now.wall_ms + limits::op_id_ahead_ms + 1, 0, 1)};
    future.room = tea;
    future.text = "tomorrow";
    world.offer(a, future);
    world.settle_all();
    CHECK(a.reply_to(empty).code == errc::empty);
    CHECK(a.reply_to(large).code == errc::too_large);
    CHECK(a.reply_to(future.id).code == errc::bad_op_id);
    CHECK(a.all<wire::event>().empty());
}

TEST_CASE("a leave behind an op without a place is not answered before that one") {
    hub_world world;
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.settle_all();
    wire::op leave;
    leave.room = tea;
    leave.kind = change_kind::leave;
    leave.after = world.fresh_op();  // a join that is still under way
    leave.id = world.offer(b, leave);
    world.settle_all();
    CHECK(b.reply_to(leave.id).outcome == outcome::later);
    CHECK(b.reply_to(leave.id).code == errc::after_missing);
}

TEST_CASE("leaving ends the subscription at once and is told when stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    const auto left = world.leave(a, tea);
    world.turn();
    CHECK(a.story() == "event room");
    CHECK_FALSE(a.last<wire::room>().joined);
    world.storing = true;
    world.settle_all();
    CHECK(a.reply_to(left).outcome == outcome::committed);
    const auto late = world.post(a, tea, "still here");
    world.settle_all();
    CHECK(a.reply_to(late).code == errc::not_member);
}

TEST_CASE("a join or leave that changes nothing takes the place of a void, so that no other copy can") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    const auto joined = world.join(a, tea);
    const auto left = world.leave(b, tea);
    world.settle_all();
    const auto told = a.all<wire::event>();
    REQUIRE(told.size() == 2);
    CHECK(told[0].id.op == joined);
    CHECK(told[0].kind == change_kind::nothing);
    CHECK(told[0].code == errc::unchanged);
    CHECK(b.reply_to(left).outcome == outcome::committed);
    CHECK(b.reply_to(left).code == errc::unchanged);
    CHECK(b.reply_to(left).seq == 3);
    wire::op over_http;
    over_http.id = world.fresh_op();
    over_http.room = tea;
    over_http.kind = change_kind::join;
    world.give(http_op{1, ann, "ann", over_http});
    world.settle_all();
    CHECK(world.http[1].outcome == outcome::committed);
    CHECK(world.http[1].seq == 0);
}

TEST_CASE("general can be joined and not left") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    const auto joined = world.join(a, general_room);
    world.settle_all();
    CHECK(a.reply_to(joined).outcome == outcome::committed);
    CHECK_FALSE(a.last<wire::room>().may_leave);
    const auto left = world.leave(a, general_room);
    world.settle_all();
    CHECK(a.reply_to(left).code == errc::must_stay);
}

TEST_CASE("the limiter answers when there will be a token") {
    hub_config config;
    config.message_burst = 2;
    config.message_window_ms = 1'000;
    hub_world world{config};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    const auto first = world.post(a, tea, "1");
    const auto second = world.post(a, tea, "2", first);
    const auto third = world.post(a, tea, "3", second);
    world.settle_all();
    CHECK(texts(a) == std::vector<std::string>{"1", "2"});
    CHECK(a.reply_to(third).outcome == outcome::later);
    CHECK(a.reply_to(third).code == errc::rate_limited);
    CHECK(a.reply_to(third).retry_ms == 500);
}

TEST_CASE("a void takes no token, however old its id is") {
    hub_config config;
    config.message_burst = 1;
    config.message_window_ms = 60'000;
    hub_world world{config};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    auto let_go = message(world, "");
    let_go.kind = change_kind::nothing;
    let_go.again = true;
    world.now.wall_ms += limits::op_id_age_ms + 1;
    world.post(a, tea, "takes the only one");
    world.offer(a, let_go);
    world.settle_all();
    CHECK(a.last<wire::event>().id.op == let_go.id);
    CHECK(a.last<wire::event>().kind == change_kind::nothing);
}

TEST_CASE("while the store takes nothing an op is told to wait") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.give(store_state_changed{false});
    const auto op = world.post(a, tea, "now?");
    world.settle_all();
    CHECK(a.reply_to(op).outcome == outcome::later);
    CHECK(a.reply_to(op).code == errc::busy);
}

TEST_CASE("what a room says in a turn is one message for all") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.subscribe(b, tea);
    world.settle_all();
    const auto before = b.messages;
    b.heard.clear();
    for (int i = 0; i < 10; ++i)
        world.post(a, tea, "x");
    world.turn();
    CHECK(b.messages == before + 1);
    CHECK(b.all<wire::event>().size() == 10);
}

TEST_CASE("a pong tells the time and what the session should hold") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.say(a, wire::ping{7});
    world.turn();
    CHECK(a.last<wire::pong>().n == 7);
    CHECK(a.last<wire::pong>().time_ms == world.now.wall_ms);
    CHECK(a.last<wire::pong>().digest == 0);
    world.found(a, tea);
    world.say(a, wire::ping{8});
    world.turn();
    CHECK(a.last<wire::pong>().digest != 0);
}

TEST_CASE("broken frames end the session and nothing else") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.send(a, bytes{1, 2, 3, 4, 5, 6, 7, 8});
    world.turn();
    CHECK(a.last<wire::error_frame>().code == errc::malformed);
    CHECK(a.closed);
    CHECK_FALSE(b.closed);
}

TEST_CASE("a discard takes the id, whether its op came or not") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    wire::op op;
    op.id = world.fresh_op();
    op.room = tea;
    op.kind = change_kind::nothing;
    world.offer(a, op);
    world.settle_all();
    CHECK(a.last<wire::event>().kind == change_kind::nothing);
    CHECK(a.last<wire::event>().code == errc::discarded);
    op.kind = change_kind::message;
    op.text = "too late";
    world.offer(a, op);
    world.settle_all();
    CHECK(a.reply_to(op.id).outcome == outcome::committed);
    CHECK(a.reply_to(op.id).kind == change_kind::nothing);
    CHECK(a.reply_to(op.id).code == errc::discarded);

    SECTION("also in a room that was never created") {
        wire::op made;
        made.id = world.fresh_op();
        made.room = hub_world::room(7);
        made.kind = change_kind::nothing;
        world.offer(a, made);
        world.settle_all();
        CHECK(a.reply_to(made.id).outcome == outcome::committed);
        made.kind = change_kind::create;
        made.name = "late";
        world.offer(a, made);
        world.settle_all();
        CHECK(a.reply_to(made.id).kind == change_kind::nothing);
        CHECK_FALSE(world.store.load_room(made.room)->exists);
    }
}

TEST_CASE("a row that the store refuses is told as a void") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.store.refuse_if([](const wire::event& event) { return event.text == "bad"; });
    world.post(a, tea, "good");
    const auto bad = world.post(b, tea, "bad");
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    std::vector<wire::void_place> voids;
    for (const auto& mark : a.all<wire::watermark>())
        voids.insert(voids.end(), mark.voids.begin(), mark.voids.end());
    REQUIRE(voids.size() == 1);
    CHECK(voids[0].code == errc::store_refused);
    CHECK(b.reply_to(bad).outcome == outcome::committed);
    CHECK(b.reply_to(bad).kind == change_kind::nothing);
    CHECK(b.reply_to(bad).code == errc::store_refused);
}
