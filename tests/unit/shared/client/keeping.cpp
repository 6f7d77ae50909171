#include "shared/base/limits.hpp"
#include "shared/client/records.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

#include <limits>

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

/// So many ops are offered as voids, for other copies may be under way, and the hub places them.
void take_voids(device& d, std::size_t count) {
    const auto ops = d.ops();
    REQUIRE(ops.size() == count);
    for (const auto& op : ops) {
        CHECK(op.kind == change_kind::nothing);
        auto placed = reply_to(op, outcome::committed, errc::bad_op_id);
        placed.kind = change_kind::nothing;
        placed.seq = 7;
        d.hub(placed);
    }
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

TEST_CASE("damaged records are set aside, logged and never sent") {
    device d;
    d.be_in_general();
    d.say(general, "whole");
    d.say(general, "damaged");
    d.write_all();
    d.disk.back().value[40] ^= 1;
    d.disk.push_back({d.disk.front().key + "x", {1, 2, 3}});
    d.disk.push_back({"outbox/" + to_text(tab_outbox) + "/op/nonsense", {9, 9}});
    d.reload();
    d.show(general);
    CHECK(d.texts(general) == std::vector<std::string>{"whole"});
    CHECK(d.logged("record_set_aside"));
}

TEST_CASE("what another user wrote is set aside, logged and never sent") {
    device d;
    kept_op op;
    op.outbox = tab_outbox;
    op.id = op_id{make_ulid(server_ms, 1, 1)};
    op.room = general;
    op.text = "another's";
    op.user = bob;
    kept_draft draft{tab_outbox, op_id{make_ulid(server_ms, 1, 2)}, general, "another's draft", bob};
    d.disk = {to_record(op), to_record(draft)};
    d.start();
    CHECK(d.logged("record_set_aside"));
    CHECK(d.core.status(d.now).outbox == 0);
    d.show(general);
    CHECK(d.core.room(general)->draft.empty());
}

TEST_CASE("every damage to a record is noticed") {
    const auto record = orphan(tab_outbox, 1, "precious");
    REQUIRE(parse_record(record));
    for (std::size_t i = 0; i < record.value.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = record;
            damaged.value[i] = static_cast<std::uint8_t>(damaged.value[i] ^ (1u << bit));
            CHECK_FALSE(parse_record(damaged));
        }
        auto cut = record;
        cut.value.resize(i);
        CHECK_FALSE(parse_record(cut));
    }
    auto elsewhere = record;
    elsewhere.key = orphan(other_outbox, 1, "precious").key;
    CHECK_FALSE(parse_record(elsewhere));
}

TEST_CASE("a record of an op that holds more than its kind says is set aside") {
    kept_op op;
    op.outbox = tab_outbox;
    op.id = op_id{make_ulid(server_ms, 1, 2)};
    op.room = kitchen;
    op.text = "hello";
    REQUIRE(parse_record(to_record(op)));
    op.name = std::string(limits::ws_message_bytes, 'n');
    CHECK_FALSE(parse_record(to_record(op)));
    op.name.clear();
    op.kind = change_kind::leave;
    CHECK_FALSE(parse_record(to_record(op)));
    op.text.clear();
    CHECK(parse_record(to_record(op)));
}

TEST_CASE("a record of a clock that no server has is set aside") {
    for (const auto offset : {ulid_time_max_ms + 1, std::numeric_limits<std::int64_t>::min()})
        CHECK_FALSE(parse_record(to_record(kept_clock{offset})));
}

TEST_CASE("records read back as they were written") {
    kept_op op;
    op.outbox = tab_outbox;
    op.id = op_id{make_ulid(server_ms, 1, 2)};
    op.room = kitchen;
    op.order = 7;
    op.intent = 9;
    op.kind = change_kind::create;
    op.discard = true;
    op.failed = errc::forbidden;
    op.name = "kitchen";
    op.text = "soup";
    const auto back = std::get<kept_op>(*parse_record(to_record(op)));
    CHECK(back.outbox == op.outbox);
    CHECK(back.id == op.id);
    CHECK(back.room == op.room);
    CHECK(back.order == 7);
    CHECK(back.intent == 9);
    CHECK(back.kind == op.kind);
    CHECK(back.discard);
    CHECK(back.failed == errc::forbidden);
    CHECK(back.name == "kitchen");
    CHECK(back.text == "soup");
    CHECK(std::get<kept_clock>(*parse_record(to_record(kept_clock{-5}))).offset_ms == -5);
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

TEST_CASE(
    "op ids carry the server's time, and one composed by a wrong clock is remade if it was never offered") {
    device d;
    d.now.wall_ms = 1'000;  // 1970
    d.start();
    const auto id = d.say(general, "one");
    CHECK(id.op.value.time_ms() == 1'000);
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    CHECK(d.ops().empty());  // another life would find it under its former id
    d.write_all();
    REQUIRE(d.ops().size() == 1);
    CHECK_FALSE(d.ops()[0].id == id.op);
    CHECK(d.ops()[0].id.value.time_ms() == server_ms);
    CHECK(d.core.status(d.now).clock_offset_ms == server_ms - 1'000);
    CHECK(d.disk.size() == 3);
    d.reload();
    CHECK(d.core.status(d.now).clock_offset_ms == server_ms - 1'000);
}

TEST_CASE("an op that would be remade fails where the disk keeps its former id") {
    device d;
    d.now.wall_ms = 1'000;
    d.start();
    const auto id = d.say(general, "one");
    d.write_all();
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    SECTION("that could be told no more before") {
        d.type(general, "x");
        d.fail_write(persist_failed::reason::closed);
        d.greet({room_frame(general, "general", 1)}, welcome);
        d.show(general);
        REQUIRE(d.row(general, id));
        CHECK(d.row(general, id)->reason == errc::too_old);
    }
    SECTION("that can't be told any more") {
        d.greet({room_frame(general, "general", 1)}, welcome);
        d.fail_write(persist_failed::reason::closed);
        REQUIRE(d.core.outbox().size() == 1);
        CHECK(d.core.outbox()[0].reason == errc::bad_op_id);
    }
    CHECK(d.ops().empty());
    REQUIRE(d.core.outbox().size() == 1);
    CHECK(d.core.outbox()[0].state == op_state::failed);
    CHECK(d.core.outbox()[0].text == "one");
}

TEST_CASE("what was let go while it got another id is let go where the disk can't be told") {
    device d;
    d.now.wall_ms = 1'000;
    d.start();
    d.say(general, "one");
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    intended discard;
    discard.kind = intended::what::discard_op;
    discard.change = d.core.outbox()[0].change;
    d.intend(discard);
    d.fail_write(persist_failed::reason::closed);
    CHECK(d.core.outbox().empty());
}

TEST_CASE("with memory only an op is remade and sent at once") {
    device d;
    d.now.wall_ms = 1'000;
    d.start(true);
    const auto id = d.say(general, "one");
    wire::welcome welcome;
    welcome.time_ms = server_ms;
    d.greet({room_frame(general, "general", 1)}, welcome);
    REQUIRE(d.ops().size() == 1);
    CHECK_FALSE(d.ops()[0].id == id.op);
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

TEST_CASE("what is too old is said to be, though the disk that has it can't be written any more") {
    device d;
    d.start();
    const auto old = d.say(general, "old news");
    const auto next = d.say(general, "nearly as old");
    d.write_all();
    d.pass(limits::op_id_age_ms + 1);
    d.reload();
    d.show(general);
    d.type(general, "x");
    d.fail_write(persist_failed::reason::closed);
    d.greet({room_frame(general, "general", 1)});
    for (const auto& change : {old, next}) {
        wire::op named;
        named.id = change.op;
        named.room = general;
        d.hub(reply_to(named, outcome::unknown));
    }
    d.answer(d.sent<wire::settle>().back().request);
    take_voids(d, 2);
    CHECK(d.state(general, old) == op_state::failed);
    CHECK(d.row(general, old)->reason == errc::too_old);
    CHECK(d.state(general, next) == op_state::failed);
}

TEST_CASE("after 14 days without a verdict the author is asked, and nothing is sent behind their back") {
    device d;
    d.start();
    const auto old = d.say(general, "old news");
    d.write_all();
    d.pass(limits::op_id_age_ms + 1);
    d.reload();
    d.show(general);
    d.greet({room_frame(general, "general", 1)});
    const auto settles = d.sent<wire::settle>();
    REQUIRE(settles.size() == 1);
    wire::op named;
    named.id = old.op;
    named.room = general;
    d.hub(reply_to(named, outcome::unknown));
    d.answer(settles[0].request);
    take_voids(d, 1);
    d.write_all();
    CHECK(d.state(general, old) == op_state::failed);
    CHECK(d.row(general, old)->reason == errc::too_old);
    d.forget();
    intended retry;
    retry.kind = intended::what::retry_op;
    retry.change = old;
    const auto again = d.intend(retry);
    REQUIRE(d.ops().size() == 1);
    CHECK(d.ops()[0].id == again.change.op);
    CHECK_FALSE(again.change == old);
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

TEST_CASE("a clock that somebody sets while connected makes no op too old and no id strange") {
    device d;
    d.be_in_general();
    const auto before = d.say(general, "one");
    d.hub(reply_to(d.ops().back(), outcome::later, errc::busy));
    d.now.wall_ms += 2 * limits::op_id_age_ms;
    d.wait(1'000);
    CHECK(d.ops().back().id == before.op);
    CHECK(d.state(general, before) != op_state::failed);
    const auto after = d.say(general, "two");
    CHECK(after.op.value.time_ms() - before.op.value.time_ms() < 10'000);
}

}  // namespace parley::testing
