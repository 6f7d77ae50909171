#include "shared/base/limits.hpp"
#include "shared/client/records.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

namespace {

intended to_send(room_id room, std::string text, std::uint64_t intent = 0) {
    intended fact;
    fact.intent = intent;
    fact.kind = intended::what::send_message;
    fact.room = room;
    fact.text = std::move(text);
    return fact;
}

stored_record orphan(const ulid& outbox, std::uint64_t n, std::string text) {
    kept_op op;
    op.outbox = outbox;
    op.id = op_id{make_ulid(server_ms, 1, n)};
    op.room = general;
    op.order = n;
    op.text = std::move(text);
    op.user = ann;
    return to_record(op);
}

}  // namespace

TEST_CASE("a reload in the middle of sending loses nothing and sends nothing twice") {
    device d;
    d.be_in_general();
    const auto one = d.say(general, "one");
    const auto two = d.say(general, "two");
    d.write_all();
    d.reload();
    d.show(general);
    CHECK(d.texts(general) == std::vector<std::string>{"one", "two"});
    CHECK(d.row(general, one)->saved);
    CHECK(d.state(general, one) == op_state::queued);
    d.greet({room_frame(general, "general", 3)});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(settles[0].ops == std::vector<op_id>{one.op, two.op});
    CHECK(d.ops().empty());
    wire::op first, second;
    first.id = one.op, second.id = two.op;
    first.room = second.room = general;
    auto committed = reply_to(first, outcome::committed);
    committed.seq = 3;
    d.hub(committed);
    d.hub(reply_to(second, outcome::unknown));
    d.answer(settles[0].request);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == two.op);
    CHECK(d.ops()[0].again);
    CHECK(d.ops()[0].after.is_zero());
    CHECK(d.ops()[0].since == 0);
}

TEST_CASE("a draft is kept under the op id that it will have, and goes when the op is put") {
    device d;
    d.be_in_general();
    d.type(general, "hel");
    d.type(general, "hello");
    CHECK_FALSE(d.writes.back().strict);
    d.write_all();
    d.reload();
    d.show(general);
    CHECK(d.core.room(general)->draft == "hello");
    const auto kept_id = std::get<kept_draft>(*parse_record(d.disk.back())).id;
    const auto id = d.say(general, "hello");
    CHECK(id.op == kept_id);
    CHECK(d.core.room(general)->draft.empty());
    REQUIRE(d.writes.size() == 1);
    CHECK(d.writes[0].strict);
    CHECK(d.writes[0].put.size() == 1);
    CHECK(d.writes[0].drop.size() == 1);
    d.type(general, "x");
    d.type(general, "");
    d.write_all();
    CHECK(d.core.room(general)->draft.empty());
}

TEST_CASE("a draft that an earlier life may have sent gives its id to the same text only") {
    device d;
    d.be_in_general();
    d.type(general, "hello");
    d.write_all();
    const auto sent = d.say(general, "hello");
    d.reload();  // before the disk had the op
    d.show(general);
    d.greet({room_frame(general, "general", 2)});
    SECTION("the same text is the same message") {
        CHECK(d.say(general, "hello") == sent);
        d.resume(general, {create_event(general), message_event(general, 2, bobs(2), "first")}, 2);
        REQUIRE(d.ops().size() == 1);
        CHECK(d.ops()[0].again);
    }
    SECTION("another text is another message") {
        CHECK_FALSE(d.say(general, "hello there") == sent);
    }
    SECTION("edited, it is another message") {
        d.type(general, "hello there");
        CHECK_FALSE(d.say(general, "hello") == sent);
    }
    SECTION("it vanishes when it turns out to have been sent") {
        d.resume(general, {create_event(general), message_event(general, 2, sent, "hello")}, 2);
        CHECK(d.core.room(general)->draft.empty());
    }
}

TEST_CASE("an intent is carried out once, however often it is repeated") {
    device d;
    d.be_in_general();
    const auto first = d.intend(to_send(general, "once", 77));
    const auto second = d.intend(to_send(general, "once", 77));
    CHECK(first.change == second.change);
    CHECK(d.ops().size() == 1);
    d.write_all();
    d.reload();  // the worker died before the page had the acknowledgement
    const auto third = d.intend(to_send(general, "once", 77));
    CHECK(third.change == first.change);
    CHECK(d.core.status(d.now).outbox == 1);
    CHECK(d.intend(to_send(general, "something else", 77)).change.op.value.time_ms() > 0);
    CHECK(d.core.status(d.now).outbox == 2);
}

TEST_CASE("what can't be said is refused before it leaves the composer") {
    device d;
    d.be_in_general();
    d.type(general, "   ");
    CHECK(d.intend(to_send(general, "   ")).code == errc::empty);
    CHECK(d.intend(to_send(general, std::string(10'001, 'x'))).code == errc::too_large);
    CHECK(d.intend(to_send(general, "\xff")).code == errc::bad_text);
    CHECK(d.intend(to_send({}, "where?")).code == errc::no_such_room);
    CHECK(d.intend(to_send(kitchen, "not in there")).code == errc::not_member);
    CHECK(d.core.room(general)->draft == "   ");
    CHECK(d.ops().empty());
    intended create;
    create.kind = intended::what::create_room;
    create.name = " ";
    CHECK(d.intend(create).code == errc::bad_name);
}

TEST_CASE("when the device is full the op goes on in memory, and it says so") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    d.fail_write();
    CHECK(d.core.status(d.now).device_full);
    CHECK_FALSE(d.row(general, id)->saved);
    CHECK(d.ops().size() == 1);
    CHECK(d.logged("device_full"));
    CHECK(d.writes.empty());  // not at once again
    d.wait(5'000);
    REQUIRE(d.writes.size() == 1);
    d.write();
    CHECK(d.row(general, id)->saved);
    CHECK_FALSE(d.core.status(d.now).device_full);
}

TEST_CASE("a verdict that could not be removed from the disk is removed with the next batch") {
    device d;
    d.be_in_general();
    d.say(general, "one");
    d.write_all();
    d.hub(event_of(d.ops()[0], 3));
    d.hub_watermark(general, 3);
    d.fail_write(persist_failed::reason::other);
    CHECK(d.disk.size() == 3);
    d.say(general, "two");
    d.write_all();
    CHECK(d.disk.size() == 3);  // the device, the clock, and two
    CHECK(d.core.status(d.now).outbox == 1);
}

TEST_CASE("a refusal whose record could not be written is said when it could") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    d.write_all();
    d.hub(reply_to(d.ops()[0], outcome::rejected, errc::forbidden));
    d.fail_write();
    CHECK(d.state(general, id) == op_state::sending);
    d.wait(5'000);
    d.write_all();
    CHECK(d.state(general, id) == op_state::failed);
    d.reload();
    CHECK(d.state(general, id) == op_state::failed);
    CHECK(d.row(general, id)->reason == errc::forbidden);
}

TEST_CASE("what was saved counts as saved no more once the database is lost, though no batch was under way") {
    device d;
    d.be_in_general();
    d.close();
    const auto id = d.say(general, "kept");
    d.write_all();
    REQUIRE(d.row(general, id)->saved);
    d.feed(persist_failed{0, persist_failed::reason::closed});
    CHECK(d.core.status(d.now).memory_only);
    CHECK_FALSE(d.row(general, id)->saved);
    CHECK(d.state(general, id) == op_state::queued);
}

TEST_CASE("a database that is closed under us means memory only") {
    device d;
    d.be_in_general();
    const auto id = d.say(general, "one");
    d.hub(reply_to(d.ops()[0], outcome::rejected, errc::forbidden));
    d.fail_write(persist_failed::reason::closed);
    CHECK(d.core.status(d.now).memory_only);
    CHECK(d.state(general, id) == op_state::failed);
    d.writes.clear();
    d.say(general, "two");
    CHECK(d.writes.empty());
}

TEST_CASE("an orphaned outbox is run as further lanes and released when it is empty") {
    device d;
    d.be_in_general();
    const auto mine = d.say(general, "mine");
    const auto one = orphan(other_outbox, 1, "left behind");
    d.disk.push_back(one);
    d.forget();
    d.feed(outbox_claimed{other_outbox, {one}});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    CHECK(settles[0].ops.size() == 2);
    CHECK(d.ops().empty());
    wire::op left;
    left.id = op_id{make_ulid(server_ms, 1, 1)};
    left.room = general;
    d.hub(reply_to(left, outcome::unknown));
    d.answer(settles[0].request);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].text == "left behind");
    CHECK(d.ops()[0].after.is_zero());  // a lane of its own
    CHECK(d.ops()[0].again);
    d.hub(event_of(d.ops()[0], 3));
    d.hub_watermark(general, 3);
    CHECK(d.released.empty());
    d.write_all();
    CHECK(d.released == std::vector<ulid>{other_outbox});
    CHECK(d.state(general, mine) == op_state::sending);
}

TEST_CASE("other tabs' records are left alone until their outbox is claimed") {
    device d;
    d.disk.push_back(orphan(other_outbox, 1, "another tab's"));
    d.start();
    CHECK(d.core.status(d.now).outbox == 0);
}

TEST_CASE("what others have left behind is taken over though the own outbox is full") {
    device d;
    d.start();
    for (std::size_t i = 0; i < limits::outbox_ops; ++i)
        d.say(general, "one");
    CHECK(d.intend(to_send(general, "one too many")).code == errc::outbox_full);
    d.feed(outbox_claimed{other_outbox, {orphan(other_outbox, 1, "left behind")}});
    CHECK_FALSE(d.logged("outbox_full"));
    CHECK(d.core.status(d.now).outbox == limits::outbox_ops + 1);
}

TEST_CASE("an adopted draft joins one's own") {
    device d;
    d.start();
    d.show(general);
    d.type(general, "mine");
    const auto record =
        to_record(kept_draft{other_outbox, op_id{make_ulid(server_ms, 1, 9)}, general, "theirs", ann});
    d.disk.push_back(record);
    d.feed(outbox_claimed{other_outbox, {record}});
    CHECK(d.core.room(general)->draft == "mine\ntheirs");
    d.write_all();
    CHECK(d.released.size() == 1);
    d.reload();
    d.show(general);
    CHECK(d.core.room(general)->draft == "mine\ntheirs");
}

TEST_CASE("what the page names is the same op in another core, though the first had no time to keep it") {
    device d;
    d.be_in_general();
    intended send;
    send.kind = intended::what::send_message;
    send.room = general;
    send.text = "once";
    send.change = {ann, op_id{make_ulid(server_ms, 7, 7)}};
    send.intent = 77;
    d.feed(send);
    REQUIRE(d.ops().back().id == send.change.op);
    d.reload();
    d.greet({room_frame(general, "general", 1)});
    d.feed(send);
    d.resume(general, {create_event(general)}, 1);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops().back().id == send.change.op);
    d.write_all();
    d.reload();
    d.answers.clear();
    d.feed(send);
    REQUIRE(d.answers.size() == 1);
    CHECK(d.answers[0].change == send.change);
    CHECK(d.core.status(d.now).outbox == 1);
}

TEST_CASE("the same facts give the same effects, byte for byte") {
    std::vector<bytes> runs[2];
    for (auto& run : runs) {
        device d;
        d.be_in_general();
        d.say(general, "one");
        d.close();
        d.wait(60'000);
        for (const auto& batch : d.writes)
            for (const auto& record : batch.put)
                run.push_back(record.value);
    }
    CHECK(runs[0] == runs[1]);
}

}  // namespace parley::testing
