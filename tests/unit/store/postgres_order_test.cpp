#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/store_log.hpp"

#include <future>

/// The row of `log` that processes share: who may order, who writes, how far.
using namespace parley;
using namespace parley::testing;
using kind = commit_outcome::kind;

namespace {

/// Two processes on one database.
struct shared_database {
    postgres_database database;
    postgres_store one{named("one")};
    postgres_store other{named("other")};

    [[nodiscard]] postgres_options named(const std::string& holder) const {
        auto options = database.options();
        options.holder = holder;
        return options;
    }

    [[nodiscard]] std::uint64_t raise(const std::string& incarnation) {
        const auto row = one.read();
        REQUIRE(row);
        const auto raised = one.raise(row->epoch, 0, incarnation);
        REQUIRE(raised);
        return *raised;
    }

    /// As if the epoch had been begun then.
    void begun(const std::string& ago) const {
        database.run("UPDATE log SET began = now() - interval '" + ago + "'");
    }
};

}  // namespace

TEST_CASE("a database on which nobody has worked has no epoch, and the first is raised above the floor") {
    shared_database in;
    CHECK(in.one.read()->epoch == 0);
    const auto high = std::uint64_t{1} << 52;
    const auto epoch = in.one.raise(0, high, "a");
    REQUIRE(epoch);
    CHECK(*epoch > high);
    const auto row = in.other.read();
    CHECK(row->epoch == *epoch);
    CHECK(row->n == 0);
    CHECK(row->incarnation == "a");
    CHECK_FALSE(row->held);
    CHECK(in.other.confirm()->epoch == *epoch);
}

TEST_CASE("an epoch is raised over the one that was seen, once") {
    shared_database in;
    const auto first = in.raise("a");
    CHECK(in.one.raise(first - 1, 0, "a").value() == 0);
    std::vector<std::future<std::uint64_t>> both;
    for (auto* store : {&in.one, &in.other}) {
        both.push_back(
            std::async(std::launch::async, [store, first] { return store->raise(first, 0, "a").value(); }));
    }
    const auto a = both[0].get(), b = both[1].get();
    CHECK((a == 0) != (b == 0));
    CHECK(std::max(a, b) > first);
}

TEST_CASE("a Redis that had an epoch has another one only after a minute") {
    shared_database in;
    static_cast<void>(in.raise("a"));
    const auto second = in.raise("b");
    CHECK(second != 0);
    CHECK(in.raise("a") == 0);
    in.begun("59 s");
    CHECK(in.raise("a") == 0);
    SECTION("later") {
        in.begun("61 s");
        CHECK(in.raise("a") > second);
    }
    SECTION("by a clock that went back") {
        in.begun("-1 s");
        CHECK(in.raise("a") > second);
    }
}

TEST_CASE("one process writes at a time, and another when it has been silent for as long as the lease") {
    shared_database in;
    const auto epoch = in.raise("a");
    CHECK(in.one.take_lease(epoch).value());
    CHECK(in.one.read()->held);
    CHECK(in.one.take_lease(epoch).value());
    CHECK_FALSE(in.other.take_lease(epoch).value());
    CHECK_FALSE(in.one.take_lease(epoch + 1).value());
    in.database.run("UPDATE log SET until = now() - interval '1 ms'");
    CHECK_FALSE(in.one.read()->held);
    CHECK(in.other.take_lease(epoch).value());
    CHECK_FALSE(in.one.take_lease(epoch).value());
    in.database.run("UPDATE log SET until = now() + interval '1 hour'");
    CHECK(in.one.take_lease(epoch).value());
}

TEST_CASE("who commits has the lease") {
    shared_database in;
    store_log log{in.one, store_log::epoch_given{in.raise("a")}};
    REQUIRE(in.other.take_lease(log.epoch()).value());
    REQUIRE(log.write({log.say(general_room, ann, "hello")}).what == kind::committed);
    CHECK_FALSE(in.other.take_lease(log.epoch()).value());
    REQUIRE(in.one.commit({log.epoch(), 0, {}, {{ann.id, general_room, 1}}}, {}).what == kind::committed);
    CHECK(in.one.take_lease(log.epoch()).value());
}

TEST_CASE("what another process has stored is found, with its voids") {
    shared_database in;
    store_log log{in.one, store_log::epoch_given{in.raise("a")}};
    const auto first = log.say(general_room, ann, "hello");
    const auto bad = log.say(general_room, ann, "not to be stored");
    const auto again = log.repeat(first, general_room, std::get<placed_entry>(*first).hash);
    const auto last = log.say(general_room, ann, "bye");
    const auto& place = std::get<placed_entry>(*bad).event;
    const std::vector<settled_void> voided{{general_room, {place.seq, errc::store_refused, 0}}};
    const auto batch = log.batch({first, bad, again, last});
    REQUIRE(in.one.commit(batch, voided).what == kind::committed);

    const auto found = in.other.commit(batch, {});
    REQUIRE(found.what == kind::committed);
    REQUIRE(found.voids.size() == 2);
    CHECK(found.voids[0].place.seq == place.seq);
    CHECK(found.voids[0].place.code == errc::store_refused);
    CHECK(found.voids[1].place.code == errc::duplicate);
    CHECK(found.voids[1].place.duplicate_of == event_of(first).seq);

    const auto more = log.say(general_room, ann, "more");
    const auto rest = in.other.commit(log.batch({last, more}), {});
    REQUIRE(rest.what == kind::committed);
    CHECK(rest.voids.empty());
    CHECK(in.one.load_room(general_room)->head == event_of(more).seq);
}

TEST_CASE("a database that has lost what was settled takes nothing that follows it") {
    shared_database in;
    store_log log{in.one, store_log::epoch_given{in.raise("a")}};
    REQUIRE(log.write({log.say(general_room, ann, "hello")}).what == kind::committed);
    auto batch = log.batch({log.say(general_room, ann, "more")});
    batch.behind = 7;
    const auto outcome = in.one.commit(batch, {});
    CHECK(outcome.what == kind::failed);
    CHECK(outcome.reason.find("went back to entry 1") != std::string::npos);
}
