#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

namespace {

intended about(intended::what kind, const change_id& change) {
    intended fact;
    fact.kind = kind;
    fact.change = change;
    return fact;
}

}  // namespace

TEST_CASE("what is saved on a disk that can't be written any more is discarded by a void") {
    device d;
    d.start();
    const auto one = d.say(general, "one");
    d.write_all();
    d.say(general, "two");
    d.fail_write(persist_failed::reason::closed);
    intended discard;
    discard.kind = intended::what::discard_op;
    discard.change = one;
    d.intend(discard);
    CHECK(d.core.status(d.now).outbox == 2);
    d.greet({room_frame(general, "general", 1)});
    d.answer(d.sent<wire::settle>().back().request);
    REQUIRE_FALSE(d.ops().empty());
    CHECK(d.ops()[0].id == one.op);
    CHECK(d.ops()[0].kind == change_kind::nothing);
}

TEST_CASE("what is saved after it was discarded is discarded by a void where the disk can't be told") {
    device d;
    d.start();
    const auto id = d.say(general, "one");
    d.intend(about(intended::what::discard_op, id));
    d.write();  // the device
    d.write();  // the op
    d.fail_write(persist_failed::reason::other);
    d.type(general, "x");
    d.fail_write(persist_failed::reason::closed);
    REQUIRE(d.core.outbox().size() == 1);
    d.greet({room_frame(general, "general", 1)});
    d.answer(d.sent<wire::settle>().back().request);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == id.op);
    CHECK(d.ops()[0].kind == change_kind::nothing);
}

TEST_CASE("what was refused is settled by a void where the disk can't be told") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    d.write_all();
    d.type(general, "x");
    d.fail_write(persist_failed::reason::closed);
    const auto offered = d.ops().back();
    d.forget();
    d.hub(reply_to(offered, outcome::rejected, errc::not_member));
    CHECK(d.state(general, one) != op_state::failed);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].kind == change_kind::nothing);
    auto voided = reply_to(d.ops()[0], outcome::committed, errc::discarded);
    voided.kind = change_kind::nothing;
    voided.seq = 3;
    d.hub(voided);
    REQUIRE(d.row(general, one));
    CHECK(d.row(general, one)->state == op_state::failed);
    CHECK(d.row(general, one)->reason == errc::not_member);
}

TEST_CASE("what a later op of its lane has overtaken had its verdict, and is not sent behind it") {
    device d;
    d.be_in_general();
    d.close();
    const auto one = d.say(general, "one");
    const auto two = d.say(general, "two");
    d.write_all();
    d.reload();
    d.show(general);
    d.greet({room_frame(general, "general", 1)});
    wire::op refused, stored;
    refused.id = one.op, refused.room = general;
    stored.id = two.op, stored.room = general;
    d.hub(reply_to(refused, outcome::unknown));
    auto verdict = reply_to(stored, outcome::committed);
    verdict.kind = change_kind::message;
    verdict.seq = 3;
    d.hub(verdict);
    d.answer(d.sent<wire::settle>().back().request);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == one.op);
    CHECK(d.ops()[0].kind == change_kind::nothing);
}

TEST_CASE("a void that nobody here asked for is told to the author") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    d.write_all();
    const auto offered = d.ops().back();
    d.hub(reply_to(offered, outcome::rejected, errc::not_member));
    d.fail_write(persist_failed::reason::closed);
    REQUIRE(d.ops().back().kind == change_kind::nothing);
    d.reload();
    d.show(general);
    d.greet({room_frame(general, "general", 1)});
    auto voided = reply_to(offered, outcome::committed, errc::discarded);
    voided.kind = change_kind::nothing;
    voided.seq = 3;
    d.hub(voided);
    REQUIRE(d.row(general, one));
    CHECK(d.row(general, one)->state == op_state::failed);
    CHECK(d.row(general, one)->reason == errc::discarded);
    CHECK(d.row(general, one)->text == "one");
}

TEST_CASE("a lane is not held up by what the disk refused before it was closed") {
    device d;
    d.start();
    const auto one = d.say(general, "one");
    d.say(general, "two");
    d.fail_write(persist_failed::reason::other);
    d.fail_write(persist_failed::reason::other);
    d.intend(about(intended::what::discard_op, one));
    d.fail_write(persist_failed::reason::other);
    d.type(general, "x");
    d.fail_write(persist_failed::reason::closed);
    d.greet({room_frame(general, "general", 1)});
    d.resume(general, {create_event(general)}, 1);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].text == "two");
}

TEST_CASE("a join that came too fast waits as long as the server says") {
    device d;
    d.start();
    intended join;
    join.kind = intended::what::join_room;
    join.room = kitchen;
    d.intend(join);
    d.greet();
    REQUIRE(d.ops().size() == 1);
    auto later = reply_to(d.ops()[0], outcome::later, errc::rate_limited);
    later.retry_ms = 700;
    d.forget();
    d.hub(later);
    CHECK(d.ops().empty());
    d.wait(700);
    CHECK(d.ops().size() == 1);
}

TEST_CASE("a missing predecessor sends the lane back to its oldest op, once for all that was in flight") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    d.say(general, "two");
    d.say(general, "three");
    const auto ops = d.ops();
    d.forget();
    d.hub(reply_to(ops[1], outcome::later, errc::after_missing));
    REQUIRE(d.ops().size() == 3);
    CHECK(d.ops()[0].id == ops[0].id);
    CHECK(d.ops()[0].again);
    CHECK(d.ops()[1].after == ops[0].id);
    d.forget();
    d.hub(reply_to(ops[2], outcome::later, errc::after_missing));  // of the first offers: old news
    d.wait(10'000);
    CHECK(d.ops().empty());
}

TEST_CASE("a lane that is refused again and again waits longer each time") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    std::int64_t last = 0;
    for (int i = 0; i < 5; ++i) {
        const auto op = d.ops().back();
        d.forget();
        const auto before = d.now.mono_ms;
        d.hub(reply_to(op, outcome::later, errc::busy));
        CHECK(d.ops().empty());
        while (d.ops().empty())
            d.wait(10);
        CHECK(d.now.mono_ms - before > last);
        last = d.now.mono_ms - before;
    }
}

TEST_CASE("a busy room holds no other room") {
    device d;
    d.be_in_general();
    d.hub(room_frame(kitchen, "kitchen", 1));
    d.resume(kitchen, {create_event(kitchen)}, 1);
    d.say(general, "one");
    auto busy = reply_to(d.ops()[0], outcome::later, errc::busy);
    busy.retry_ms = 5'000;
    d.forget();
    d.hub(busy);
    d.say(general, "two");
    CHECK(d.ops().empty());
    d.say(kitchen, "soup");
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].room == kitchen);
    d.wait(5'000);
    REQUIRE(d.ops().size() == 3);
    CHECK(d.ops()[2].after == d.ops()[1].id);
}

TEST_CASE("what the limit does not allow yet stays queued, goes in order, and nothing is refused") {
    device d;
    d.start();
    wire::welcome welcome;
    welcome.burst = 2;
    welcome.per_ms = 2'000;
    welcome.tokens = 2;
    d.greet({room_frame(general, "general", 1)}, welcome);
    d.resume(general, {create_event(general)}, 1);
    CHECK(d.core.status(d.now).send_at_ms == 0);
    for (const auto* text : {"a", "b", "c", "d"})
        d.say(general, text);
    CHECK(d.ops().size() == 2);
    CHECK(d.core.status(d.now).send_at_ms == d.now.mono_ms + 1'000);
    CHECK(d.texts(general) == std::vector<std::string>{"a", "b", "c", "d"});
    d.wait(999);
    CHECK(d.ops().size() == 2);
    d.wait(1);
    CHECK(d.ops().size() == 3);
    d.wait(1'000);
    REQUIRE(d.ops().size() == 4);
    CHECK(d.ops()[3].text == "d");
    CHECK(d.ops()[3].after == d.ops()[2].id);
}

TEST_CASE("when the server finds it too fast all the same, messages wait as long as it says") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    auto later = reply_to(d.ops()[0], outcome::later, errc::rate_limited);
    later.retry_ms = 3'000;
    d.forget();
    d.hub(later);
    CHECK(d.core.status(d.now).send_at_ms == d.now.mono_ms + 3'000);
    d.wait(2'999);
    CHECK(d.ops().empty());
    d.wait(1);
    CHECK(d.ops().size() == 1);
}

TEST_CASE("a refusal is said, and linked past, only when the disk has it") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    d.say(general, "two");
    d.write_all();
    const auto ops = d.ops();
    d.forget();
    d.hub(reply_to(ops[0], outcome::rejected, errc::forbidden));
    d.hub(reply_to(ops[1], outcome::later, errc::after_missing));
    CHECK(d.state(general, one) == op_state::sending);
    CHECK(d.ops().empty());
    d.write_all();
    CHECK(d.state(general, one) == op_state::failed);
    CHECK(d.row(general, one)->reason == errc::forbidden);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].text == "two");
    CHECK(d.ops()[0].after.is_zero());
}

TEST_CASE("with memory only, a refusal is said at once") {
    device d;
    d.start(true);
    d.greet({room_frame(general, "general", 1)});
    d.resume(general, {create_event(general)}, 1);
    const auto one = d.say(general, "one");
    d.say(general, "two");
    const auto ops = d.ops();
    CHECK(d.writes.empty());
    CHECK(d.core.status(d.now).memory_only);
    d.hub(reply_to(ops[0], outcome::rejected, errc::forbidden));
    CHECK(d.state(general, one) == op_state::failed);
    CHECK_FALSE(d.row(general, one)->saved);
}

TEST_CASE("a refusal on rights of an older offer says nothing while a newer one is under way") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    const auto first = d.ops()[0];
    d.hub(wire::truncated{general, 2, 2});
    d.hub(wire::reply{});
    REQUIRE(d.ops().size() == 2);
    CHECK(d.ops()[1].again);
    d.hub(reply_to(first, outcome::rejected, errc::not_member));
    d.write_all();
    CHECK(d.state(general, id) == op_state::sending);
    d.hub(reply_to(first, outcome::rejected, errc::too_large));  // by validation: true of every copy
    d.write_all();
    CHECK(d.state(general, id) == op_state::failed);
}

TEST_CASE("a failed message is tried again as a new op at the end of its lane, or let go") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    d.hub(reply_to(d.ops()[0], outcome::rejected, errc::forbidden));
    d.write_all();
    d.forget();
    const auto again = d.intend(about(intended::what::retry_op, id));
    CHECK(again.code == errc::none);
    CHECK_FALSE(again.change == id);
    CHECK_FALSE(d.row(general, id));
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == again.change.op);
    CHECK(d.ops()[0].text == "one");
    d.hub(reply_to(d.ops()[0], outcome::rejected, errc::forbidden));
    d.write_all();
    CHECK(d.intend(about(intended::what::discard_op, again.change)).code == errc::none);
    CHECK_FALSE(d.row(general, again.change));
    d.write_all();
    CHECK(d.disk.size() == 2);
    CHECK(d.intend(about(intended::what::retry_op, id)).code == errc::not_found);
}

TEST_CASE("an op that was never offered is discarded on this device alone") {
    device d;
    d.start();
    const auto one = d.say(general, "one");
    const auto two = d.say(general, "two");
    d.intend(about(intended::what::discard_op, one));
    CHECK(d.row(general, one));  // until the disk has it
    d.write_all();
    CHECK_FALSE(d.row(general, one));
    d.greet({room_frame(general, "general", 1)});
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == two.op);
    CHECK(d.ops()[0].after.is_zero());
}

TEST_CASE("an op that was offered is discarded by a void under its own id, and gone when that is stored") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "regretted");
    d.forget();
    d.intend(about(intended::what::discard_op, id));
    REQUIRE(d.ops().size() == 1);
    const auto gone = d.ops()[0];
    CHECK(gone.kind == change_kind::nothing);
    CHECK(gone.id == id.op);
    CHECK(gone.again);
    CHECK(gone.text.empty());
    CHECK(d.row(general, id));
    d.hub(event_of(gone, 3));
    CHECK(d.core.status(d.now).outbox == 1);
    d.hub_watermark(general, 3);
    CHECK_FALSE(d.row(general, id));
    CHECK(d.core.status(d.now).outbox == 0);
}

TEST_CASE("an op that was placed before its void came is stored all the same") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "too late");
    const auto op = d.ops()[0];
    d.intend(about(intended::what::discard_op, id));
    d.hub(event_of(op, 3));
    d.hub_watermark(general, 3);
    CHECK(d.state(general, id) == op_state::stored);
    CHECK(d.core.status(d.now).outbox == 0);
}

TEST_CASE("a refusal of the op itself says nothing about the void that replaces it") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "regretted");
    const auto op = d.ops()[0];
    d.intend(about(intended::what::discard_op, id));
    d.hub(reply_to(op, outcome::rejected, errc::not_member));
    d.write_all();
    CHECK(d.core.status(d.now).outbox == 1);
    d.hub(reply_to(d.ops().back(), outcome::rejected, errc::not_member));
    d.write_all();
    CHECK(d.core.status(d.now).outbox == 0);
    CHECK_FALSE(d.row(general, id));
}

TEST_CASE("without locks every offer counts as a repeat and no discard is local") {
    client_config config;
    config.outbox_locks = false;
    device d{config};
    d.start();
    const auto id = d.say(general, "one");
    d.intend(about(intended::what::discard_op, id));
    d.write_all();
    CHECK(d.row(general, id));
    d.greet({room_frame(general, "general", 1)});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(d.ops().empty());
    d.hub(reply_to(wire::op{id.op, general, {}, 0, 0, false, change_kind::message, "", "one"},
                   outcome::unknown));
    d.answer(settles[0].request);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].kind == change_kind::nothing);
    d.say(general, "two");
    CHECK(d.ops().back().again);
}

TEST_CASE("without locks an op keeps its id whatever clock gave it, for another tab may have taken it over") {
    client_config config;
    config.outbox_locks = false;
    device d{config};
    d.now.wall_ms += 2 * limits::op_id_ahead_ms;
    d.start();
    const auto id = d.say(general, "one");
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == id.op);
}

TEST_CASE("a void in place of one's op is its verdict, with the reason") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    d.hub(event_of(d.ops()[0], 3));
    CHECK(d.state(general, id) == op_state::sent);
    wire::watermark mark{general, 1, 3, {{3, errc::store_refused, 0}}};
    d.hub(mark);
    CHECK(d.state(general, id) == op_state::failed);
    CHECK(d.row(general, id)->reason == errc::store_refused);
    CHECK(d.row(general, id)->seq == 0);
    CHECK(d.core.status(d.now).outbox == 0);
}

TEST_CASE("a void that says where the op really stands means stored") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    d.hub(event_of(d.ops()[0], 3));
    d.hub(wire::watermark{general, 1, 3, {{3, errc::duplicate, 2}}});
    CHECK(d.core.status(d.now).outbox == 0);
    CHECK(d.texts(general) == std::vector<std::string>{"first"});
}

TEST_CASE("a message can be taken back into the composer") {
    device d;
    d.start();
    const auto id = d.say(general, "one");
    d.type(general, "two");
    d.intend(about(intended::what::copy_back, id));
    d.write_all();
    CHECK_FALSE(d.row(general, id));
    CHECK(d.core.room(general) == nullptr);  // nothing is left that would need the room
    d.show(general);
    CHECK(d.core.room(general)->draft == "one\ntwo");
}

TEST_CASE("the outbox is bounded, and the text stays in the composer") {
    device d;
    d.start(true);
    for (std::size_t i = 0; i < limits::outbox_ops; ++i)
        d.say(general, "x");
    d.type(general, "one too many");
    intended fact;
    fact.kind = intended::what::send_message;
    fact.room = general;
    fact.text = "one too many";
    CHECK(d.intend(fact).code == errc::outbox_full);
    CHECK(d.core.room(general)->draft == "one too many");
}

}  // namespace parley::testing
