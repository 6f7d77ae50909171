#include "shared/base/limits.hpp"
#include "tests/unit/store/stores.hpp"

using namespace parley;
using namespace parley::testing;

namespace {

const room_id garden{{7, 1}};
const room_id kitchen{{7, 2}};

std::vector<std::string> texts(const loaded_page& page) {
    std::vector<std::string> out;
    for (const auto& event : page.events)
        out.push_back(event.text);
    return out;
}

}  // namespace

TEMPLATE_TEST_CASE("general stands in a new store, made by the zero user", "", PARLEY_STORES) {
    TestType under;
    const auto loaded = under.store.load_room(general_room).value();
    CHECK(loaded.exists);
    CHECK(loaded.name == "general");
    CHECK(loaded.kind == room_kind::channel);
    CHECK(loaded.creator == user_id{});
    CHECK(loaded.head == 1);
    CHECK(loaded.members.empty());
    REQUIRE(loaded.recent.size() == 1);
    CHECK(loaded.recent[0].kind == change_kind::create);
    CHECK(loaded.recent[0].id == change_id{user_id{}, op_id{general_room.value}});
    CHECK(loaded.recent[0].epoch == 1);
    const auto listed = under.store.list_rooms(ann.id, "", 10).value();
    REQUIRE(listed.rooms.size() == 1);
    CHECK_FALSE(listed.rooms[0].joined);
    CHECK_FALSE(listed.rooms[0].may_leave);
}

TEMPLATE_TEST_CASE("a room is what its log says", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const std::vector events{log.create(garden, ann, "garden", "what grows"), log.join(garden, bob),
                             log.say(garden, bob, "hello\nworld \u00e9 'quoted'"), log.join(garden, eve),
                             log.leave(garden, bob)};
    REQUIRE(log.write(events).what == commit_outcome::kind::committed);

    const auto loaded = under.store.load_room(garden).value();
    CHECK(loaded.exists);
    CHECK(loaded.name == "garden");
    CHECK(loaded.topic == "what grows");
    CHECK(loaded.creator == ann.id);
    CHECK(loaded.head == 5);
    CHECK(loaded.fence == 5);
    REQUIRE(loaded.members.size() == 2);
    CHECK(loaded.members[0].user == ann.id);
    CHECK(loaded.members[0].since == 1);
    CHECK(loaded.members[1].name == "eve");
    CHECK(loaded.members[1].since == 4);
    REQUIRE(loaded.recent.size() == 5);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(same_event(loaded.recent[i], event_of(events[i])));
}

TEMPLATE_TEST_CASE("a room that nobody made does not exist", "", PARLEY_STORES) {
    TestType under;
    CHECK_FALSE(under.store.load_room(garden)->exists);
    CHECK(under.store.read_before(garden, 0, 10)->events.empty());
    CHECK(under.store.read_after(garden, 3, 10)->to == 3);
    CHECK(under.store.list_members(garden, "", 10)->members.empty());
    CHECK(under.store.find(garden, {})->head == 0);
}

TEMPLATE_TEST_CASE("the newest events of a long room are recent, up to its head", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    std::vector events{log.create(garden, ann, "garden")};
    for (int i = 0; i < 300; ++i)
        events.push_back(log.say(garden, ann, std::to_string(i)));
    log.write(events);
    const auto loaded = under.store.load_room(garden).value();
    REQUIRE(loaded.recent.size() == limits::room_recent_events);
    CHECK(loaded.recent.back().seq == loaded.head);
    CHECK(loaded.recent.front().seq == loaded.head - limits::room_recent_events + 1);
}

TEMPLATE_TEST_CASE("pages go back and forth through a room without a gap", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    log.write({log.create(garden, ann, "garden"), log.say(garden, ann, "a"), log.say(garden, ann, "b"),
               log.say(garden, ann, "c"), log.say(garden, ann, "d")});

    SECTION("back from the newest") {
        const auto page = under.store.read_before(garden, 0, 2).value();
        CHECK(texts(page) == std::vector<std::string>{"c", "d"});
        CHECK(page.from == 3);
        CHECK(page.to == 5);
        CHECK(page.more);
        CHECK(page.head == 5);
        const auto older = under.store.read_before(garden, page.from + 1, 10).value();
        CHECK(older.events.size() == 3);
        CHECK(older.from == 0);
        CHECK(older.to == 3);
        CHECK_FALSE(older.more);
    }
    SECTION("from a place beyond the head") {
        CHECK(under.store.read_before(garden, ~std::uint64_t{0}, 2)->to == 5);
        const auto page = under.store.read_after(garden, ~std::uint64_t{0}, 2).value();
        CHECK(page.events.empty());
        CHECK(page.cursor_epoch == 0);
        CHECK(page.head == 5);
        CHECK_FALSE(page.more);
    }
    SECTION("on from a cursor") {
        const auto page = under.store.read_after(garden, 2, 2).value();
        CHECK(texts(page) == std::vector<std::string>{"b", "c"});
        CHECK(page.from == 2);
        CHECK(page.to == 4);
        CHECK(page.more);
        CHECK(page.cursor_epoch == log.epoch());
        CHECK_FALSE(under.store.read_after(garden, 4, 2)->more);
        CHECK(under.store.read_after(garden, 0, 1)->cursor_epoch == 0);
    }
    SECTION("none at all") {
        const auto page = under.store.read_before(garden, 0, 0).value();
        CHECK(page.events.empty());
        CHECK(page.from == page.to);
    }
}

TEMPLATE_TEST_CASE("a page ends where its text would be too much", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    std::vector events{log.create(garden, ann, "garden")};
    for (int i = 0; i < 20; ++i)
        events.push_back(log.say(garden, ann, std::string(40'000, 'x')));
    log.write(events);
    const auto newest = under.store.read_before(garden, 0, 100).value();
    CHECK(newest.events.size() == limits::page_bytes / 40'000);
    CHECK(newest.to == newest.head);
    CHECK(newest.from == newest.to - newest.events.size());
    CHECK(newest.events.front().seq == newest.from + 1);
    const auto next = under.store.read_after(garden, 5, 100).value();
    CHECK(next.events.size() == limits::page_bytes / 40'000);
    CHECK(next.more);
}

TEMPLATE_TEST_CASE("a change is found in its room and in no other", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto said = log.say(general_room, ann, "hello");
    log.write({said});
    const std::vector<change_id> changes{event_of(said).id, {bob.id, event_of(said).id.op}};
    const auto here = under.store.find(general_room, changes).value();
    REQUIRE(here.places.size() == 2);
    CHECK(here.head == 2);
    CHECK(here.places[0].seq == 2);
    CHECK(here.places[0].epoch == log.epoch());
    CHECK(here.places[0].hash == std::get<placed_entry>(*said).hash);
    CHECK(here.places[0].time_ms == event_of(said).time_ms);
    CHECK(here.places[0].kind == change_kind::message);
    CHECK(here.places[1].seq == 0);
    CHECK(under.store.find(kitchen, changes)->places[0].seq == 0);
}

TEMPLATE_TEST_CASE("a list of rooms goes on from its key and tells who has joined", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    log.write({log.create(garden, ann, "garden", "green"), log.create(kitchen, bob, "kitchen"),
               log.join(kitchen, ann), log.join(general_room, ann)});

    const auto first = under.store.list_rooms(bob.id, "", 2).value();
    REQUIRE(first.rooms.size() == 2);
    CHECK(first.more);
    const auto rest = under.store.list_rooms(bob.id, first.key, 2).value();
    REQUIRE(rest.rooms.size() == 1);
    CHECK_FALSE(rest.more);

    CHECK(first.rooms[0].id == garden);
    CHECK(first.rooms[0].topic == "green");
    CHECK_FALSE(first.rooms[0].joined);
    CHECK(first.rooms[1].joined);
    CHECK(first.rooms[1].members == 2);
    CHECK(first.rooms[1].head == 2);
    CHECK(first.rooms[1].epoch == log.epoch());
    CHECK(rest.rooms[0].id == general_room);

    CHECK(under.store.list_rooms(bob.id, "nonsense", 2).error().code == errc::malformed);
    const auto joined = under.store.rooms_of(ann.id).value();
    REQUIRE(joined.size() == 3);
    CHECK(joined[0].id == garden);
    CHECK(joined[2].id == general_room);
    CHECK(under.store.rooms_of(eve.id)->empty());
}

TEMPLATE_TEST_CASE("unread are messages of others since joining or reading", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto of_bob = [&] { return under.store.rooms_of(bob.id)->at(0); };
    log.write(
        {log.join(general_room, ann), log.say(general_room, ann, "before"), log.join(general_room, bob)});
    CHECK(of_bob().unread == 0);
    CHECK(of_bob().read == 4);

    log.write({log.say(general_room, ann, "one"), log.say(general_room, bob, "mine"),
               log.say(general_room, ann, "two"), log.join(general_room, eve)});
    CHECK(of_bob().unread == 2);

    log.write({}, {{bob.id, general_room, 6}});
    CHECK(of_bob().unread == 1);
    CHECK(of_bob().read == 6);

    SECTION("marks merge by maximum and end at the head") {
        log.write({}, {{bob.id, general_room, 2}, {bob.id, kitchen, 4}});
        CHECK(of_bob().read == 6);
        log.write({}, {{bob.id, general_room, 999}});
        CHECK(of_bob().read == 8);
        CHECK(of_bob().unread == 0);
    }
    SECTION("the count has an end") {
        std::vector<log_entry_ptr> many;
        for (int i = 0; i < 1'100; ++i)
            many.push_back(log.say(general_room, ann, "x"));
        log.write(many);
        CHECK(of_bob().unread == limits::unread_most);
    }
}

TEMPLATE_TEST_CASE("members stand in order of name and go on from their key", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    log.write({log.join(general_room, eve), log.join(general_room, ann), log.join(general_room, bob)});
    const auto first = under.store.list_members(general_room, "", 2).value();
    REQUIRE(first.members.size() == 2);
    CHECK(first.members[0].name == "ann");
    CHECK(first.members[0].since == 3);
    CHECK(first.members[1].name == "bob");
    CHECK(first.more);
    const auto rest = under.store.list_members(general_room, first.key, 2).value();
    REQUIRE(rest.members.size() == 1);
    CHECK(rest.members[0].user == eve.id);
    CHECK_FALSE(rest.more);
    CHECK(under.store.list_members(general_room, "short", 2).error().code == errc::malformed);
}
