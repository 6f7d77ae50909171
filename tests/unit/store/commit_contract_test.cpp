#include "tests/unit/store/stores.hpp"

using namespace parley;
using namespace parley::testing;
using kind = commit_outcome::kind;

namespace {

const room_id garden{{7, 1}};
const room_id kitchen{{7, 2}};

placed_entry entry_of(const log_entry_ptr& entry) {
    return std::get<placed_entry>(*entry);
}

/// A row that no store takes: its time lies before 1970.
log_entry_ptr impossible(store_log& log, room_id room) {
    placed_entry entry;
    entry.event.room = room;
    entry.event.id = {ann.id, op_id{{5, 5}}};
    entry.event.kind = change_kind::message;
    entry.event.text = "never";
    entry.event.time_ms = -1;
    return log.put(entry);
}

}  // namespace

TEMPLATE_TEST_CASE("an epoch is above all earlier ones, whatever the clock says", "", PARLEY_STORES) {
    TestType under;
    const auto first = under.store.raise_epoch(1'700'000'000'000, 41).value();
    CHECK(first == 1'700'000'000'000'000 + 42);
    const auto second = under.store.raise_epoch(5, 1'999).value();
    CHECK(second == first + 1'000);
    CHECK(under.store.raise_epoch(-5, 0).value() == second + 1);
}

TEMPLATE_TEST_CASE("what is written under an older epoch is not stored", "", PARLEY_STORES) {
    TestType under;
    store_log old{under.store};
    store_log now{under.store};
    CHECK(old.write({old.say(general_room, ann, "late")}).what == kind::superseded);
    CHECK(old.write({}, {{ann.id, general_room, 1}}).what == kind::superseded);
    CHECK(under.store.load_room(general_room)->head == 1);
    CHECK(now.write({now.say(general_room, ann, "here")}).what == kind::committed);
}

TEMPLATE_TEST_CASE("a repeat becomes a void that names the first place", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto said = log.say(general_room, ann, "once");
    const auto again = log.repeat(said, general_room, entry_of(said).hash);

    SECTION("in the same batch") {
        const auto outcome = log.write({said, again});
        REQUIRE(outcome.what == kind::committed);
        REQUIRE(outcome.voids.size() == 1);
        CHECK(outcome.voids[0].room == general_room);
        CHECK(outcome.voids[0].place.seq == 3);
        CHECK(outcome.voids[0].place.code == errc::duplicate);
        CHECK(outcome.voids[0].place.duplicate_of == 2);
    }
    SECTION("in a later one") {
        log.write({said});
        CHECK(log.write({again}).voids.at(0).place.duplicate_of == 2);
    }
    const auto page = under.store.read_after(general_room, 2, 10).value();
    REQUIRE(page.events.size() == 1);
    CHECK(page.events[0].kind == change_kind::nothing);
    CHECK(page.events[0].code == errc::duplicate);
    CHECK(page.events[0].id == event_of(said).id);
    CHECK(page.events[0].text.empty());
    CHECK(under.store.find(general_room, std::vector{event_of(said).id})->places[0].seq == 2);
}

TEMPLATE_TEST_CASE("a change id used for something else is a conflict and reveals nothing", "",
                   PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto said = log.say(general_room, ann, "first");
    log.write({said, log.create(garden, ann, "garden")});

    SECTION("with another payload") {
        const auto outcome = log.write({log.repeat(said, general_room, 1)});
        REQUIRE(outcome.voids.size() == 1);
        CHECK(outcome.voids[0].place.code == errc::conflict);
        CHECK(outcome.voids[0].place.duplicate_of == 0);
    }
    SECTION("in another room") {
        const auto outcome = log.write({log.repeat(said, garden, entry_of(said).hash)});
        REQUIRE(outcome.voids.size() == 1);
        CHECK(outcome.voids[0].room == garden);
        CHECK(outcome.voids[0].place.code == errc::conflict);
    }
    SECTION("but not by another author") {
        auto other = entry_of(said);
        other.event.id.author = bob.id;
        CHECK(log.write({log.put(other)}).voids.empty());
    }
}

TEMPLATE_TEST_CASE("a row that can't be stored holds back its batch until it is a void", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const std::vector events{log.say(general_room, ann, "before"), impossible(log, general_room),
                             log.say(general_room, ann, "after")};
    const auto outcome = log.write(events);
    CHECK(outcome.what == kind::row_refused);
    CHECK_FALSE(outcome.reason.empty());
    CHECK(under.store.load_room(general_room)->head == 1);

    // As the committer goes on: halves, down to the one row.
    CHECK(log.write({events[0]}).what == kind::committed);
    CHECK(log.write({events[1]}).what == kind::row_refused);
    CHECK(under.store.load_room(general_room)->head == 2);
}

TEMPLATE_TEST_CASE("a place that is told to be void keeps its change id and has no effect", "",
                   PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto lost = log.join(general_room, ann);
    const std::vector<settled_void> voided{{general_room, {2, errc::store_refused, 0}}};
    const auto outcome = log.write({lost, log.say(general_room, bob, "next")}, {}, voided);
    REQUIRE(outcome.what == kind::committed);
    CHECK(outcome.voids.empty());

    const auto loaded = under.store.load_room(general_room).value();
    CHECK(loaded.members.empty());
    CHECK(loaded.recent[1].kind == change_kind::nothing);
    CHECK(loaded.recent[1].code == errc::store_refused);
    const auto found = under.store.find(general_room, std::vector{event_of(lost).id}).value();
    CHECK(found.places[0].seq == 2);
    CHECK(found.places[0].code == errc::store_refused);
}

TEMPLATE_TEST_CASE("the same batch once more changes nothing and gives the same voids", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto joined = log.join(general_room, bob);
    const auto said = log.say(general_room, ann, "once");
    const auto again = log.repeat(said, general_room, entry_of(said).hash);
    const auto batch = log.batch({joined, said, again, log.leave(general_room, bob)});
    const auto first = under.store.commit(batch, {});
    const auto second = under.store.commit(batch, {});
    CHECK(second.what == kind::committed);
    REQUIRE(second.voids.size() == 1);
    CHECK(second.voids[0].place.duplicate_of == first.voids[0].place.duplicate_of);
    CHECK(under.store.load_room(general_room)->head == 5);
    CHECK(under.store.load_room(general_room)->members.empty());
}

TEMPLATE_TEST_CASE("a batch that begins with what is stored already goes on behind it", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto joined = log.join(general_room, bob);
    const auto said = log.say(general_room, ann, "once");
    const auto again = log.repeat(said, general_room, entry_of(said).hash);
    REQUIRE(log.write({joined, said, again}).what == kind::committed);

    const auto outcome =
        log.write({said, again, log.leave(general_room, bob), log.say(general_room, ann, "on")});
    CHECK(outcome.what == kind::committed);
    REQUIRE(outcome.voids.size() == 1);
    CHECK(outcome.voids[0].place.seq == 4);
    const auto loaded = under.store.load_room(general_room).value();
    CHECK(loaded.head == 6);
    CHECK(loaded.members.empty());
    CHECK(loaded.recent.back().text == "on");
}

TEMPLATE_TEST_CASE("a fence follows its place even when the place is a void", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto left = log.leave(general_room, ann);
    log.write({left, log.repeat(left, general_room, entry_of(left).hash), log.say(general_room, bob, "x")});
    CHECK(under.store.load_room(general_room)->fence == 3);
}

TEMPLATE_TEST_CASE("voids hold their places in a room that was never made", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    const auto made = log.create(garden, ann, "garden");
    log.write({made, log.repeat(made, kitchen, entry_of(made).hash)});

    const auto loaded = under.store.load_room(kitchen).value();
    CHECK_FALSE(loaded.exists);
    CHECK(loaded.head == 1);
    CHECK(loaded.recent.size() == 1);
    CHECK(under.store.list_rooms(ann.id, "", 10)->rooms.size() == 2);
    CHECK(log.write({log.create(kitchen, bob, "kitchen")}).what == kind::committed);
    CHECK(under.store.load_room(kitchen)->exists);
}

TEMPLATE_TEST_CASE("a second create does not take a room over", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    log.write({log.create(garden, ann, "garden"), log.create(garden, bob, "mine now")});
    const auto loaded = under.store.load_room(garden).value();
    CHECK(loaded.name == "garden");
    CHECK(loaded.creator == ann.id);
    CHECK(loaded.members.size() == 1);
}

TEMPLATE_TEST_CASE("joining twice keeps the first place, leaving twice leaves once", "", PARLEY_STORES) {
    TestType under;
    store_log log{under.store};
    log.write({log.join(general_room, ann), log.join(general_room, ann), log.join(general_room, bob)});
    CHECK(under.store.load_room(general_room)->members[0].since == 2);
    CHECK(under.store.list_rooms(ann.id, "", 1)->rooms[0].members == 2);
    log.write({log.leave(general_room, ann), log.leave(general_room, ann)});
    CHECK(under.store.list_rooms(ann.id, "", 1)->rooms[0].members == 1);
}
