#include "tests/support/catch.hpp"
#include "tests/unit/hub/hub_world.hpp"

using namespace parley;

namespace {

const auto ann = hub_world::user(1);
const auto bob = hub_world::user(2);
const auto tea = hub_world::room(1);

hub_config unlimited() {
    hub_config config;
    config.message_window_ms = 0;
    return config;
}

/// Posts and stores so many messages.
void fill(hub_world& world, const hub_world::listener& who, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        world.post(who, tea, "m" + std::to_string(i));
        if (i % 50 == 49) world.settle_all();
    }
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
}

std::vector<std::uint64_t> seqs(const hub_world::listener& who) {
    std::vector<std::uint64_t> found;
    for (const auto& event : who.all<wire::event>())
        found.push_back(event.seq);
    return found;
}

bool dense(const std::vector<std::uint64_t>& found, std::uint64_t from, std::uint64_t to) {
    if (found.size() != to - from) return false;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] != from + i + 1) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a first subscribe is a snapshot, told in order") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.create(a, tea, "tea");
    world.settle_all();
    world.post(a, tea, "stored");
    world.settle_all();
    world.storing = false;
    world.post(a, tea, "provisional");
    world.turn();
    a.heard.clear();
    world.subscribe(a, tea);
    world.turn();
    CHECK(a.story() == "room page event event watermark event reply");
    CHECK(a.last<wire::page>().fresh);
    CHECK(a.last<wire::page>().from == 0);
    CHECK(a.last<wire::watermark>().w == 2);
    CHECK(dense(seqs(a), 0, 3));
    CHECK(a.last<wire::reply>().code == errc::none);
    // Owed since it was told `placed`: told by the watermark now that it follows.
    a.heard.clear();
    world.storing = true;
    world.settle_all();
    CHECK(a.story() == "watermark");
}

TEST_CASE("a cursor goes on from where it stands") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 20);
    auto& again = world.greet(ann, "ann");
    again.heard.clear();

    SECTION("in memory") {
        world.subscribe(again, tea, 10, world.epoch);
        const auto asked = world.queries_asked;
        world.settle_all();
        CHECK(world.queries_asked == asked);
        CHECK_FALSE(again.last<wire::page>().fresh);
        CHECK(again.last<wire::page>().from == 10);
        CHECK(dense(seqs(again), 10, 21));
    }
    SECTION("of another history it is a snapshot") {
        world.subscribe(again, tea, 10, world.epoch - 1);
        world.settle_all();
        CHECK(again.last<wire::page>().fresh);
        CHECK(again.last<wire::page>().from == 0);
    }
    SECTION("from the future it is a snapshot") {
        world.subscribe(again, tea, 500, world.epoch);
        world.settle_all();
        CHECK(again.last<wire::page>().fresh);
        CHECK(again.last<wire::reply>().w == 21);
    }
}

TEST_CASE("a resume below what is in memory is read in chunks, while the room goes on") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 600);
    auto& again = world.greet(ann, "ann");
    again.heard.clear();
    world.answering = false;
    world.subscribe(again, tea, 100, world.epoch);
    world.turn();
    int chunks = 0;
    while (world.answer_next()) {
        ++chunks;
        world.post(a, tea, "meanwhile");
        world.turn();
        world.store_next();
        world.turn();
    }
    CHECK(chunks >= 4);
    CHECK_FALSE(again.last<wire::page>().fresh);
    CHECK(again.all<wire::page>().size() == 1);
    world.answering = true;
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    CHECK(dense(seqs(again), 100, again.last<wire::watermark>().w));
    CHECK(again.last<wire::watermark>().w == a.last<wire::watermark>().w);
}

TEST_CASE("a resume over a slow line says no more at once than a session may owe") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    constexpr std::uint64_t posts = 240;
    for (std::uint64_t i = 0; i < posts; ++i) {
        world.post(a, tea, std::string(4'000, 'x'));
        if (i % 50 == 49) world.settle_all();
    }
    world.settle_all();
    world.pass(limits::watermark_delay_ms);

    auto& slow = world.greet(ann, "ann");
    slow.heard.clear();
    const std::size_t owed = limits::unsent_behind_bytes / 2 - 20'000;
    world.subscribe(slow, tea, 2, world.epoch);
    for (int chunk = 0; chunk < 100 && slow.last<wire::reply>().request == 0; ++chunk) {
        const auto before = slow.all<wire::event>().size();
        world.give(session_unsent{slow.handle, owed});
        world.turn();
        world.turn();
        const auto said = (slow.all<wire::event>().size() - before) * 4'000;
        REQUIRE(owed + said < limits::unsent_behind_bytes);
        REQUIRE(said > 0);
    }
    CHECK(slow.all<wire::page>().size() == 1);
    CHECK(dense(seqs(slow), 2, posts + 1));
}

TEST_CASE("many slow readers of one room cost what each of them costs, however often one reads a little") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 20);
    std::vector<hub_world::listener*> slow;
    for (int i = 0; i < 10; ++i) {
        slow.push_back(&world.greet(ann, "ann"));
        world.give(session_unsent{slow.back()->handle, limits::unsent_behind_bytes});
        world.subscribe(*slow.back(), tea, 2, world.epoch);
        slow.back()->heard.clear();
    }
    world.turn();
    for (int round = 0; round < 100; ++round) {
        for (auto* each : slow)
            world.give(session_unsent{each->handle, limits::unsent_behind_bytes - 1});
        world.turn();
    }
    for (auto* each : slow) {
        CHECK(each->all<wire::event>().empty());
        world.give(session_unsent{each->handle, 0});
        world.turn();
        CHECK(dense(seqs(*each), 2, 21));
        CHECK(each->last<wire::reply>().code == errc::none);
    }
}

TEST_CASE("too far behind is a snapshot") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, limits::resume_events + 10);
    auto& again = world.greet(ann, "ann");
    world.subscribe(again, tea, 2, world.epoch);
    world.settle_all();
    CHECK(again.last<wire::page>().fresh);
    CHECK(again.all<wire::event>().size() == limits::snapshot_events);
}

TEST_CASE("who is no member may not follow") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    b.heard.clear();
    world.subscribe(b, tea);
    world.settle_all();
    CHECK(b.story() == "reply");
    CHECK(b.last<wire::reply>().code == errc::not_member);
    world.subscribe(b, hub_world::room(8));
    world.settle_all();
    CHECK(b.last<wire::reply>().code == errc::no_such_room);
}

TEST_CASE("a subscribe behind one's own join waits for it") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.storing = false;
    world.join(b, tea);
    world.subscribe(b, tea);
    world.turn();
    CHECK(b.all<wire::page>().empty());
    world.storing = true;
    world.settle_all();
    CHECK(b.all<wire::page>().size() == 1);
    CHECK(b.last<wire::reply>().code == errc::none);
}

TEST_CASE("settle tells what became of ops, wherever they are") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    const auto stored = world.post(a, tea, "stored");
    world.settle_all();
    world.storing = false;
    const auto placed = world.post(a, tea, "placed");
    world.turn();
    const auto never = world.fresh_op();

    auto& again = world.greet(ann, "ann");
    again.heard.clear();
    world.say(again, wire::settle{77, tea, {stored, placed, never}});
    for (int i = 0; i < 4; ++i)
        world.turn();
    CHECK(again.story() == "op_reply op_reply op_reply reply");
    CHECK(again.reply_to(stored).outcome == outcome::committed);
    CHECK(again.reply_to(placed).outcome == outcome::placed);
    CHECK(again.reply_to(never).outcome == outcome::unknown);
    CHECK(again.last<wire::reply>().request == 77);

    world.storing = true;
    world.settle_all();
    CHECK(again.reply_to(placed).outcome == outcome::committed);
}

TEST_CASE("a new epoch withdraws what was not stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
    world.storing = false;
    const auto gone = world.post(a, tea, "gone");
    const auto told = world.post(b, tea, "gone too");
    world.turn();
    CHECK(b.reply_to(told).outcome == outcome::placed);
    a.heard.clear();
    b.heard.clear();
    world.lose_backbone();
    world.turn();
    world.turn();
    CHECK(a.story() == "room truncated watermark reply");
    CHECK(a.last<wire::truncated>().after == 2);
    CHECK(a.last<wire::truncated>().epoch == world.epoch);
    CHECK(a.last<wire::watermark>().w == 2);
    CHECK(b.story() == "lost room");
    wire::op op;
    op.id = gone;
    op.room = tea;
    op.text = "gone";
    op.again = true;
    op.since = 2;
    world.offer(a, op);
    world.storing = true;
    world.settle_all();
    CHECK(a.last<wire::event>().seq == 3);
    CHECK(a.last<wire::event>().epoch == world.epoch);
}

TEST_CASE("what was stored before a new epoch is told again after the truncation") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    world.post(a, tea, "kept");
    world.turn();
    world.store_next();  // the announcement dies with the epoch
    a.heard.clear();
    world.lose_backbone();
    world.turn();
    world.turn();
    const auto kept = a.all<wire::event>();
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].text == "kept");
    CHECK(a.last<wire::watermark>().w == 2);
}

TEST_CASE("a follower is told to subscribe again where the store can't be read after a new epoch") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    for (std::size_t i = 0; i < limits::room_recent_events + 10; ++i)
        world.post(a, tea, "kept");
    world.turn();
    while (world.store_next()) {
    }  // the announcements die with the epoch
    a.heard.clear();
    world.answering = false;
    world.lose_backbone();
    world.turn();
    while (!world.queries.empty() && !std::holds_alternative<read_after>(world.queries.front().ask))
        world.answer_next(), world.turn();
    REQUIRE(!world.queries.empty());
    world.give(query_answered{world.queries.front().query, error{errc::unavailable, {}}});
    world.turn();
    CHECK(a.all<wire::behind>().size() == 1);
}

TEST_CASE("history comes from memory, else from the store") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    fill(world, a, 300);
    a.heard.clear();
    auto asked = world.queries_asked;
    world.say(a, wire::request{1, question::history, tea, 0, "", 20});
    world.settle_all();
    CHECK(world.queries_asked == asked);
    CHECK(dense(seqs(a), 281, 301));
    CHECK(a.last<wire::reply>().from == 281);
    CHECK(a.last<wire::reply>().to == 301);
    CHECK(a.last<wire::reply>().more);

    a.heard.clear();
    world.say(a, wire::request{2, question::history, tea, 51, "", 0});
    world.settle_all();
    CHECK(world.queries_asked == asked + 1);
    CHECK(dense(seqs(a), 0, 50));
    CHECK_FALSE(a.last<wire::reply>().more);
}

TEST_CASE("rooms and members are listed in pages") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.say(a, wire::request{1, question::rooms, {}, 0, "", 1});
    world.settle_all();
    CHECK(a.last<wire::reply>().rooms.size() == 1);
    CHECK(a.last<wire::reply>().more);
    world.say(a, wire::request{2, question::rooms, {}, 0, a.last<wire::reply>().key, 1});
    world.settle_all();
    CHECK(a.last<wire::reply>().request == 2);
    CHECK_FALSE(a.last<wire::reply>().more);
    world.say(a, wire::request{3, question::members, tea, 0, "", 0});
    world.settle_all();
    REQUIRE(a.last<wire::reply>().members.size() == 1);
    CHECK(a.last<wire::reply>().members[0].name == "ann");
    world.say(a, wire::request{4, question::members, hub_world::room(8), 0, "", 0});
    world.settle_all();
    CHECK(a.last<wire::reply>().code == errc::no_such_room);
}

TEST_CASE("a receipt is told to all of the user's sessions and stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    auto& b = world.greet(bob, "bob");
    world.found(a, tea);
    world.join(b, tea);
    world.settle_all();
    fill(world, a, 3);
    auto& other = world.greet(bob, "bob");
    CHECK(other.last<wire::room>().unread == 3);
    world.say(b, wire::receipt{tea, 4});
    world.turn();
    CHECK(other.last<wire::room>().read == 4);
    CHECK(other.last<wire::room>().unread == 1);
    REQUIRE(world.marks.size() == 1);
    world.say(b, wire::receipt{tea, 3});
    world.turn();
    CHECK(world.marks.size() == 1);
}

TEST_CASE("an op over HTTP is answered when it is stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    wire::op op;
    op.id = world.fresh_op();
    op.room = tea;
    op.text = "by a program";
    world.storing = false;
    world.give(http_op{1, ann, "ann", op});
    world.turn();
    CHECK(world.http.empty());
    CHECK(a.last<wire::event>().text == "by a program");
    world.storing = true;
    world.settle_all();
    REQUIRE(world.http.count(1) == 1);
    CHECK(world.http[1].outcome == outcome::committed);
    CHECK(world.http[1].seq == 2);

    world.give(http_op{2, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[2].outcome == outcome::committed);
    CHECK(world.http[2].seq == 2);

    op.text = "something else";
    world.give(http_op{3, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[3].outcome == outcome::rejected);
    CHECK(world.http[3].code == errc::conflict);
}

TEST_CASE("an op over HTTP that is not stored in time has an unknown outcome") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    wire::op op;
    op.id = world.fresh_op();
    op.room = tea;
    op.text = "slow";
    world.give(http_op{1, ann, "ann", op});
    world.turn();
    world.pass(limits::http_stored_ms - 1);
    CHECK(world.http.empty());
    world.pass(1);
    CHECK(world.http[1].outcome == outcome::unknown);
    CHECK(world.http[1].code == errc::outcome_unknown);
    world.storing = true;
    world.settle_all();
    CHECK(world.http.size() == 1);
}

TEST_CASE("an op over HTTP that is asked for again much later is answered with its place") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    wire::op op;
    op.id = world.fresh_op();
    op.room = tea;
    op.text = "kept";
    world.give(http_op{1, ann, "ann", op});
    world.settle_all();
    REQUIRE(world.http[1].outcome == outcome::committed);
    world.now.wall_ms += limits::op_id_age_ms + 1;
    world.give(http_op{2, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[2].outcome == outcome::committed);
    CHECK(world.http[2].seq == world.http[1].seq);
    op.id.value.hi ^= 1;
    world.give(http_op{3, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[3].kind == change_kind::nothing);
    CHECK(world.http[3].code == errc::bad_op_id);
}

TEST_CASE("who reads too slowly loses the subscription, and the second time the session") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.give(session_unsent{a.handle, limits::unsent_behind_bytes + 1});
    world.turn();
    CHECK(a.story() == "behind");
    world.post(a, tea, "not told");
    world.settle_all();
    CHECK(a.all<wire::event>().empty());

    world.subscribe(a, tea, 1, world.epoch);
    world.turn();
    CHECK(a.all<wire::page>().empty());  // not before it has read
    world.give(session_unsent{a.handle, 0});
    world.turn();
    CHECK(a.last<wire::event>().text == "not told");
    world.give(session_unsent{a.handle, limits::unsent_behind_bytes + 1});
    world.turn();
    CHECK(a.closed);
}

TEST_CASE("sessions that wait together to resume don't multiply the waiting") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.post(a, tea, "first");
    world.settle_all();
    auto& b = world.greet(ann, "ann");
    auto& c = world.greet(ann, "ann");
    for (auto* who : {&b, &c}) {
        world.give(session_unsent{who->handle, limits::unsent_behind_bytes - 1});
        world.subscribe(*who, tea);
    }
    for (int turns = 0; turns < 100; ++turns) {
        world.give(session_unsent{b.handle, limits::unsent_behind_bytes - 1});
        world.turn();
    }
    for (auto* who : {&b, &c})
        world.give(session_unsent{who->handle, 0});
    world.turn();
    CHECK(b.last<wire::event>().text == "first");
    CHECK(c.last<wire::event>().text == "first");
}

TEST_CASE("a room that nobody needs falls asleep, and wakes with all it had") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.post(a, tea, "before");
    world.settle_all();
    world.say(a, wire::unsubscribe{tea});
    world.turn();
    CHECK(world.core.counts().rooms == 1);
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    CHECK(world.core.counts().rooms == 0);
    a.heard.clear();
    world.subscribe(a, tea);
    world.settle_all();
    CHECK(dense(seqs(a), 0, 2));
}

TEST_CASE("a room that woke for a repeat falls asleep again") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    wire::op op;
    op.id = world.fresh_op();
    op.room = tea;
    op.text = "once";
    world.give(http_op{1, ann, "ann", op});
    world.settle_all();
    world.close(a);
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    REQUIRE(world.core.counts().rooms == 0);
    world.give(http_op{2, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[2].outcome == outcome::committed);
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    CHECK(world.core.counts().rooms == 0);
}

TEST_CASE("what another hub placed before a room was loaded is not missed") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.create(a, tea, "tea");
    world.settle_all();
    world.pass(limits::room_sleep_ms);
    world.pass(limits::room_sleep_ms);
    REQUIRE(world.core.counts().rooms == 0);
    world.storing = false;
    append_item item;
    item.event.room = tea;
    item.event.id = {bob, world.fresh_op()};
    item.event.kind = change_kind::message;
    item.event.text = "from elsewhere";
    item.base = item.since = 1;
    std::vector<append_item> items{item};
    REQUIRE(world.order.append(world.epoch, items)[0].what == judgement::placed);
    world.turn();

    SECTION("while it is provisional") {
        world.subscribe(a, tea);
        world.turn();
        world.turn();
    }
    SECTION("when it is stored while the snapshot is read") {
        world.answering = false;
        world.subscribe(a, tea);
        world.turn();
        const auto early = *world.store.load_room(tea);
        world.store_next();
        world.turn();
        REQUIRE(world.queries.size() == 1);
        world.give(query_answered{world.queries.front().query, early});
        world.queries.clear();
        world.turn();
        CHECK(a.last<wire::watermark>().w == 2);
    }
    CHECK(dense(seqs(a), 0, 2));
    CHECK(a.last<wire::event>().text == "from elsewhere");
}

TEST_CASE("a membership that changes while the list is read is told as it is now") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.create(a, tea, "tea");
    world.settle_all();
    auto& other = world.connect(ann, "ann");
    world.answering = false;
    world.say(other, wire::hello{protocol_version, ann, {}, ""});
    world.turn();
    const auto early = *world.store.rooms_of(ann);
    REQUIRE(early.size() == 1);
    world.leave(a, tea);
    world.turn();
    world.store_next();
    world.turn();
    for (const auto& asked : world.queries) {
        if (std::holds_alternative<rooms_of>(asked.ask)) world.give(query_answered{asked.query, early});
    }
    world.turn();
    CHECK_FALSE(other.last<wire::room>().joined);
    CHECK(other.story().ends_with("room reply"));
}

TEST_CASE("a room that can't be loaded is told apart from one that is not there") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.answering = false;
    const auto op = world.post(a, tea, "hello?");
    world.turn();
    REQUIRE(world.queries.size() == 1);
    world.give(query_answered{world.queries.front().query, error{errc::unavailable}});
    world.queries.clear();
    world.turn();
    CHECK(a.reply_to(op).outcome == outcome::later);
    CHECK(a.reply_to(op).code == errc::busy);
    CHECK(world.core.counts().rooms == 0);
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
