#include "shared/base/limits.hpp"
#include "shared/base/random.hpp"
#include "tests/headless/bystanders.hpp"

#include <limits>

/// Frames that are well-formed and ask for what can't be: each gets a reason, the session goes on, and nobody
/// sees anything of it.
namespace parley::testing {
namespace {

constexpr auto far_future = std::numeric_limits<std::uint64_t>::max();

/// Eve, who asks for what she may not.
class asking {
public:
    explicit asking(bystanders& world) : session(world.greeted()) {}

    op_id fresh_id(std::int64_t ahead_ms = 0) {
        return op_id{chance_.make_id(native_client::now().wall_ms + ahead_ms)};
    }

    wire::op message(room_id room, const std::string& text) {
        wire::op op;
        op.id = fresh_id();
        op.room = room;
        op.text = text;
        return op;
    }

    wire::op change(change_kind kind, room_id room, const std::string& name = {}) {
        auto op = message(room, {});
        op.kind = kind;
        op.name = name;
        return op;
    }

    /// What becomes of it in the end: waits over `placed`.
    wire::op_reply offer(wire::op op) {
        op.offer = ++offers_;
        REQUIRE(session.say(op));
        for (;;) {
            const auto reply = session.hear<wire::op_reply>();
            REQUIRE(reply);
            if (reply->op == op.id && reply->outcome != outcome::placed) return *reply;
        }
    }

    errc refusal(const wire::op& op) {
        const auto reply = offer(op);
        return reply.outcome == outcome::rejected ? reply.code : errc::none;
    }

    wire::reply ask(wire::subscribe what) {
        what.request = ++asked_;
        return ask(what.request, what);
    }

    wire::reply ask(wire::request what) {
        what.id = ++asked_;
        return ask(what.id, what);
    }

    wire::reply ask(wire::settle what) {
        what.request = ++asked_;
        return ask(what.request, what);
    }

    bool answers() { return session.say(wire::ping{++offers_}) && session.hear<wire::pong>()->n == offers_; }

    /// A room of hers.
    room_id create() {
        const room_id room{chance_.make_id(native_client::now().wall_ms)};
        REQUIRE(offer(change(change_kind::create, room, "hers")).outcome == outcome::committed);
        return room;
    }

    raw_session session;

private:
    template <class Frame>
    wire::reply ask(std::uint32_t number, const Frame& frame) {
        REQUIRE(session.say(frame));
        for (;;) {
            const auto reply = session.hear<wire::reply>();
            REQUIRE(reply);
            if (reply->request == number) return *reply;
        }
    }

    random_source chance_{99};
    std::uint32_t asked_ = 0;
    std::uint32_t offers_ = 0;
};

wire::request request(question ask, room_id room, std::uint64_t before = 0, const std::string& key = {}) {
    return {7, ask, room, before, key, 0};
}

const room_id nowhere{{1, 1}};

}  // namespace

TEST_CASE("what an op says is refused by name") {
    bystanders world;
    asking eve{world};
    const auto message = [&](const std::string& text) {
        return eve.refusal(eve.message(general_room, text));
    };
    CHECK(message("bad \xff") == errc::bad_text);
    CHECK(message("\xed\xa0\x80") == errc::bad_text);
    CHECK(message("\xc0\xaf") == errc::bad_text);
    CHECK(message(std::string("a\0b", 3)) == errc::bad_text);
    CHECK(message("") == errc::empty);
    CHECK(message(" \n\t ") == errc::empty);
    CHECK(message(std::string(limits::message_code_points + 1, 'x')) == errc::too_large);

    const auto room = [&](const std::string& name, const std::string& topic = {}) {
        auto op = eve.change(change_kind::create, room_id{eve.fresh_id().value}, name);
        op.text = topic;
        return eve.refusal(op);
    };
    CHECK(room("") == errc::bad_name);
    CHECK(room(std::string(limits::room_name_code_points + 1, 'x')) == errc::bad_name);
    CHECK(room("two\nlines") == errc::bad_name);
    CHECK(room("bad \xff") == errc::bad_text);
    CHECK(room(std::string("a\0b", 3)) == errc::bad_text);
    CHECK(room("tea", std::string(limits::topic_code_points + 1, 'x')) == errc::too_large);
    CHECK(world.goes_on());
}

TEST_CASE("the longest message that is allowed passes, in whichever script") {
    bystanders world;
    asking eve{world};
    const auto room = eve.create();
    std::string text;
    for (std::size_t i = 0; i < limits::message_code_points; ++i)
        text += "\xf0\x9f\x8d\xb5";
    CHECK(eve.offer(eve.message(room, text)).outcome == outcome::committed);
}

TEST_CASE("op ids from long ago, from the far future and none are refused") {
    bystanders world;
    asking eve{world};
    const auto with_id = [&](op_id id) {
        auto op = eve.message(general_room, "hello");
        op.id = id;
        return eve.refusal(op);
    };
    CHECK(with_id({}) == errc::bad_op_id);
    CHECK(with_id(eve.fresh_id(-limits::op_id_age_ms - 60'000)) == errc::bad_op_id);
    CHECK(with_id(eve.fresh_id(limits::op_id_ahead_ms + 60'000)) == errc::bad_op_id);
    CHECK(with_id(op_id{make_ulid(ulid_time_max_ms - 1, 1, 2)}) == errc::bad_op_id);
    CHECK(world.goes_on());
}

TEST_CASE("an op id with another payload is a conflict, and another user's is another change") {
    bystanders world;
    asking eve{world};
    const auto room = eve.create();
    const auto first = eve.message(room, "first");
    const auto placed = eve.offer(first);
    CHECK(placed.outcome == outcome::committed);
    CHECK(eve.offer(first).seq == placed.seq);

    auto other_text = first, other_room = first, other_kind = first;
    other_text.text = "second";
    other_room.room = general_room;
    other_kind.kind = change_kind::leave;
    other_kind.text.clear();
    CHECK(eve.refusal(other_text) == errc::conflict);
    CHECK(eve.refusal(other_kind) == errc::conflict);
    CHECK(eve.refusal(other_room) == errc::conflict);

    const auto of_ann = world.ann.say(general_room, "ann's");
    REQUIRE(run_until({world.ann}, [&] { return world.ann.status().outbox == 0; }));
    auto stolen = eve.message(general_room, "eve's");
    stolen.id = of_ann.op;
    CHECK(eve.offer(stolen).outcome == outcome::committed);
    REQUIRE(run_until({world.ann, world.bob}, [&] {
        return world.bob.texts(general_room) == std::vector<std::string>{"ann's", "eve's"};
    }));
}

TEST_CASE("ops to rooms that are unknown, were left or never joined are refused") {
    bystanders world;
    asking eve{world};
    CHECK(eve.refusal(eve.message(nowhere, "hello")) == errc::no_such_room);
    CHECK(eve.refusal(eve.message({}, "hello")) == errc::no_such_room);
    CHECK(eve.refusal(eve.change(change_kind::join, nowhere)) == errc::no_such_room);
    CHECK(eve.refusal(eve.change(change_kind::leave, nowhere)) == errc::no_such_room);
    CHECK(eve.refusal(eve.change(change_kind::leave, general_room)) == errc::must_stay);
    CHECK(eve.refusal(eve.change(change_kind::create, general_room, "mine now")) == errc::room_exists);

    const auto theirs = world.ann.create("theirs");
    REQUIRE(run_until({world.ann}, [&] { return world.ann.joined(theirs); }));
    CHECK(eve.refusal(eve.message(theirs, "never joined")) == errc::not_member);
    CHECK(eve.ask(wire::subscribe{1, theirs, 0, 0}).code == errc::not_member);
    CHECK(eve.ask(request(question::history, theirs)).code == errc::not_member);
    CHECK(eve.ask(request(question::members, theirs)).code == errc::not_member);

    CHECK(eve.offer(eve.change(change_kind::join, theirs)).outcome == outcome::committed);
    CHECK(eve.offer(eve.message(theirs, "joined")).outcome == outcome::committed);
    CHECK(eve.offer(eve.change(change_kind::leave, theirs)).outcome == outcome::committed);
    CHECK(eve.refusal(eve.message(theirs, "left")) == errc::not_member);
    CHECK(eve.ask(wire::subscribe{1, theirs, 0, 0}).code == errc::not_member);
    CHECK(world.goes_on());
}

TEST_CASE("an op behind one that never came goes back, also behind itself") {
    bystanders world;
    asking eve{world};
    auto orphan = eve.message(general_room, "too early");
    orphan.after = eve.fresh_id();
    const auto reply = eve.offer(orphan);
    CHECK(reply.outcome == outcome::later);
    CHECK(reply.code == errc::after_missing);
    auto own_tail = eve.message(general_room, "in a circle");
    own_tail.after = own_tail.id;
    CHECK(eve.offer(own_tail).code == errc::after_missing);
    CHECK(world.goes_on());
}

TEST_CASE("cursors, marks and pages from the future are brought back to what there is") {
    bystanders world;
    CHECK(world.goes_on());
    asking eve{world};
    for (const auto seq : {std::uint64_t{1'000'000}, far_future}) {
        REQUIRE(eve.session.say(wire::subscribe{1, general_room, seq, far_future}));
        const auto page = eve.session.hear<wire::page>();
        REQUIRE(page);
        CHECK(page->fresh);
        CHECK(eve.session.hear<wire::watermark>());
    }
    const auto history = eve.ask(request(question::history, general_room, far_future));
    CHECK(history.code == errc::none);
    CHECK(history.to < 100);
    REQUIRE(eve.session.say(wire::receipt{general_room, far_future}));
    const auto read = eve.session.hear<wire::room>();
    REQUIRE(read);
    CHECK(read->read <= read->w);

    auto boastful = eve.message(general_room, "held more than there is");
    boastful.since = far_future;
    CHECK(eve.session.say(boastful));
    CHECK(eve.session.hear<wire::event>()->text == boastful.text);
    REQUIRE(run_until({world.ann, world.bob}, [&] { return world.bob.texts(general_room).size() == 2; }));
}

TEST_CASE("questions about nothing, with wrong keys or out of turn are answered") {
    bystanders world;
    asking eve{world};
    CHECK(eve.ask(wire::subscribe{1, nowhere, 0, 0}).code == errc::no_such_room);
    CHECK(eve.ask(request(question::history, nowhere)).code == errc::no_such_room);
    CHECK(eve.ask(request(question::members, general_room, 0, "no key")).code != errc::none);
    CHECK(eve.ask(request(question::rooms, {}, 0, "no key")).code != errc::none);
    CHECK(eve.ask(request(static_cast<question>(99), general_room)).code == errc::malformed);

    const auto never_offered = eve.fresh_id();
    REQUIRE(eve.session.say(wire::settle{9, nowhere, {never_offered}}));
    const auto unknown = eve.session.hear<wire::op_reply>();
    REQUIRE(unknown);
    CHECK(unknown->op == never_offered);
    CHECK(unknown->outcome == outcome::unknown);
    CHECK(eve.ask(wire::settle{0, nowhere, {op_id{}}}).code == errc::none);

    REQUIRE(eve.session.say(wire::unsubscribe{nowhere}));
    REQUIRE(eve.session.say(wire::receipt{nowhere, 7}));
    CHECK(eve.answers());
    CHECK(world.goes_on());
}

}  // namespace parley::testing
