#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

TEST_CASE("a message goes from the composer to stored, and its row keeps its key") {
    device d;
    d.be_in_general();
    REQUIRE(d.texts(general) == std::vector<std::string>{"first"});

    const auto id = d.say(general, "hello");
    CHECK(id.author == ann);
    REQUIRE(d.ops().size() == 1);
    const auto op = d.ops()[0];
    CHECK(op.text == "hello");
    CHECK(op.id == id.op);
    CHECK(op.after.is_zero());
    CHECK(op.since == 2);
    CHECK_FALSE(op.again);
    CHECK(d.state(general, id) == op_state::sending);
    CHECK_FALSE(d.row(general, id)->saved);
    REQUIRE(d.writes.size() == 1);
    CHECK(d.writes[0].strict);

    d.write();
    CHECK(d.row(general, id)->saved);
    CHECK(d.disk.size() == 3);  // the device, its clock and the op

    d.hub(event_of(op, 3));
    CHECK(d.state(general, id) == op_state::sent);
    CHECK(d.row(general, id)->seq == 3);
    CHECK(d.core.status(d.now).outbox == 1);

    d.hub_watermark(general, 3);
    CHECK(d.state(general, id) == op_state::stored);
    CHECK(d.row(general, id)->committed);
    CHECK(d.core.status(d.now).outbox == 0);
    d.write_all();
    CHECK(d.disk.size() == 2);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "hello"});
}

TEST_CASE("a message composed offline is queued, and sent once when the link is there") {
    device d;
    d.start();
    const auto id = d.say(general, "from the tunnel");
    CHECK(d.state(general, id) == op_state::queued);
    CHECK(d.ops().empty());
    d.show(general);
    d.greet({room_frame(general, "general", 2)});
    d.resume(general, {create_event(general), message_event(general, 2, bobs(2), "first")}, 2);
    REQUIRE(d.ops().size() == 1);
    CHECK_FALSE(d.ops()[0].again);
    d.hub(event_of(d.ops()[0], 3));
    d.hub_watermark(general, 3);
    CHECK(d.state(general, id) == op_state::stored);
    CHECK(d.ops().size() == 1);
}

TEST_CASE("a hundred messages go out at once, each naming the one before it") {
    device d;
    d.be_in_general();
    for (int i = 0; i < 100; ++i)
        d.say(general, std::to_string(i));
    const auto ops = d.ops();
    REQUIRE(ops.size() == 100);
    CHECK(ops[0].after.is_zero());
    for (std::size_t i = 1; i < ops.size(); ++i) {
        CHECK(ops[i].after == ops[i - 1].id);
        CHECK(ops[i].offer == ops[i - 1].offer + 1);
        CHECK(ops[i - 1].id < ops[i].id);
    }
}

TEST_CASE("rows of one's own without a place stand last, in the order composed") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    d.say(general, "two");
    d.hub(message_event(general, 3, bobs(3), "bob's"));
    CHECK(d.texts(general) == std::vector<std::string>{"first", "bob's", "one", "two"});
    d.hub(event_of(d.ops()[0], 4));
    CHECK(d.texts(general) == std::vector<std::string>{"first", "bob's", "one", "two"});
    d.hub(message_event(general, 5, bobs(5), "bob again"));
    CHECK(d.texts(general) == std::vector<std::string>{"first", "bob's", "one", "bob again", "two"});
}

TEST_CASE("somebody else's use of the same op id names another change") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "mine");
    d.hub(message_event(general, 3, {bob, id.op}, "his"));
    d.hub_watermark(general, 3);
    CHECK(d.state(general, id) == op_state::sending);
    CHECK(d.core.status(d.now).outbox == 1);
}

TEST_CASE("create, then send at once: both go out in one lane, and the room is shown as being joined") {
    device d;
    d.start();
    d.greet();
    intended create;
    create.kind = intended::what::create_room;
    create.name = "garden";
    create.text = "what grows";
    const auto made = d.intend(create);
    REQUIRE(made.code == errc::none);
    const auto id = d.say(made.room, "hello garden");
    REQUIRE(d.ops().size() == 2);
    CHECK(d.ops()[0].kind == change_kind::create);
    CHECK(d.ops()[0].name == "garden");
    CHECK(d.ops()[1].after == d.ops()[0].id);
    REQUIRE(d.core.rooms().size() == 1);
    CHECK(d.core.rooms()[0]->joining);
    CHECK(d.core.rooms()[0]->name == "garden");

    auto placed = reply_to(d.ops()[0], outcome::placed);
    placed.seq = 1;
    d.hub(placed);
    auto committed = reply_to(d.ops()[0], outcome::committed);
    committed.seq = 1;
    d.hub(committed);
    d.hub(room_frame(made.room, "garden", 1));
    CHECK(d.core.rooms()[0]->joined);
    CHECK_FALSE(d.core.rooms()[0]->joining);
    const auto ops = d.ops();
    d.resume(made.room, {event_of(ops[0], 1), event_of(ops[1], 2)}, 2);
    CHECK(d.state(made.room, id) == op_state::stored);
    CHECK(d.core.status(d.now).outbox == 0);
}

TEST_CASE("what is stored while its room is being resumed does not leave the screen") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "hello");
    d.close();
    d.wait(2'000);
    d.greet({room_frame(general, "general", 3)});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    REQUIRE(settles[0].ops.size() == 1);
    auto committed = reply_to(d.ops()[0], outcome::committed);
    committed.seq = 3;
    d.hub(committed);
    d.answer(settles[0].request);
    REQUIRE(d.row(general, id));
    CHECK(d.state(general, id) == op_state::stored);
    CHECK(d.row(general, id)->seq == 3);
    d.resume(general, {message_event(general, 3, id, "hello")}, 3);
    CHECK(d.texts(general) == std::vector<std::string>{"first", "hello"});
}

TEST_CASE("a join or leave that changes nothing is settled without a place") {
    device d;
    d.be_in_general();
    intended join;
    join.kind = intended::what::join_room;
    join.room = kitchen;
    CHECK(d.intend(join).code == errc::none);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.core.rooms().size() == 2);
    d.hub(reply_to(d.ops()[0], outcome::committed));
    CHECK(d.core.status(d.now).outbox == 0);
}

TEST_CASE("the room that everybody is in is not left") {
    device d;
    d.start();
    auto frame = room_frame(general, "general", 1);
    frame.may_leave = false;
    d.greet({frame});
    intended leave;
    leave.kind = intended::what::leave_room;
    leave.room = general;
    CHECK(d.intend(leave).code == errc::must_stay);
}

TEST_CASE("after leaving a room, what is under way there is asked after, and the room goes") {
    device d;
    d.be_in_general();
    intended leave;
    leave.kind = intended::what::leave_room;
    leave.room = general;
    REQUIRE(d.intend(leave).code == errc::none);
    d.show({});
    const auto op = d.ops()[0];
    d.hub(event_of(op, 3));
    d.hub(room_frame(general, "general", 2, false));
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(settles[0].ops == std::vector<op_id>{op.id});
    auto committed = reply_to(op, outcome::committed);
    committed.seq = 3;
    d.hub(committed);
    d.answer(settles[0].request);
    CHECK(d.core.rooms().empty());
    CHECK(d.core.status(d.now).outbox == 0);
}

}  // namespace parley::testing
