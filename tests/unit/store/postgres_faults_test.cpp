#include "server/store/postgres_database.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/store_log.hpp"
#include "tests/support/waiting.hpp"

#include <atomic>
#include <future>
#include <thread>

/// A PostgreSQL that is cut off, restarted, frozen or not to be believed, under a store.
using namespace parley;
using namespace parley::testing;
using kind = commit_outcome::kind;
using namespace std::chrono_literals;

namespace {

constexpr const char* of_stores = "FROM pg_stat_activity WHERE application_name = 'parleyd' AND datname = ";

std::string quoted(const std::string& text) {
    return '\'' + text + '\'';
}

struct kept {
    explicit kept(postgres_server& on = postgres_server::shared()) : server(on), database(on) {}

    postgres_server& server;
    postgres_database database;
    postgres_store store{database.options()};

    /// How many connections were cut.
    std::string cut() const {
        return server.ask("SELECT count(pg_terminate_backend(pid)) " + std::string{of_stores} +
                          quoted(database.name()));
    }
};

/// As the committer does: the same batch, until it is known to be stored.
void insist(postgres_store& store, const commit_batch& batch) {
    REQUIRE(wait_until(30s, [&] {
        const auto outcome = store.commit(batch, {});
        REQUIRE((outcome.what == kind::committed || outcome.what == kind::failed));
        return outcome.what == kind::committed;
    }));
}

}  // namespace

TEST_CASE("connections that were cut while nobody used them are noticed by nobody") {
    kept in;
    store_log log{in.store};
    CHECK(in.store.load_room(general_room).has_value());
    CHECK(in.cut() == "2");
    CHECK(in.store.load_room(general_room).has_value());
    CHECK(in.store.create_user({ann.id, ann.name, "hash", user_role::member, false, 1}, {}, 1).has_value());
    CHECK(in.cut() == "2");
    CHECK(log.write({log.say(general_room, ann, "hello")}).what == kind::committed);
}

TEST_CASE("batches whose connections are cut at any moment are stored once each, in order") {
    kept in;
    store_log log{in.store};
    std::atomic<bool> done = false;
    std::jthread cutter{[&] {
        while (!done)
            in.cut();
    }};
    std::uint64_t acknowledged = 0;
    for (int i = 0; i < 150; ++i) {
        std::vector<log_entry_ptr> events;
        for (int k = 0; k <= i % 5; ++k)
            events.push_back(log.say(general_room, ann, std::to_string(i)));
        acknowledged = event_of(events.back()).seq;
        insist(in.store, log.batch(std::move(events)));
    }
    done = true;
    cutter.join();
    CHECK(in.store.load_room(general_room)->head == acknowledged);
    CHECK(flaw_of_log(in.store, acknowledged).empty());
}

TEST_CASE("while the server is away reads fail and commits can be tried again, then all goes on") {
    postgres_server server;
    kept in{server};
    store_log log{in.store};
    CHECK(in.store.load_room(general_room).has_value());
    const auto batch = log.batch({log.say(general_room, ann, "hello")});
    SECTION("stopped") {
        server.stop();
    }
    SECTION("crashed") {
        server.crash();
    }
    CHECK(in.store.load_room(general_room).error().code == errc::unavailable);
    const auto outcome = in.store.commit(batch, {});
    CHECK(outcome.what == kind::failed);
    CHECK(outcome.reason.find("PostgreSQL: ") == 0);
    CHECK(outcome.reason.find('\n') == std::string::npos);
    CHECK(in.store.raise_epoch(1, 1).error().code == errc::unavailable);
    server.start();
    CHECK(in.store.load_room(general_room)->head == 1);
    CHECK(in.store.commit(batch, {}).what == kind::committed);
    CHECK(in.store.load_room(general_room)->head == 2);
}

TEST_CASE("a server that answers nothing holds up nobody for ever") {
    postgres_server server;
    postgres_database database{server};
    auto options = database.options();
    options.call_time = 300ms;
    options.target.emplace_back("connect_timeout", "2");
    postgres_store store{options};
    store_log log{store};
    CHECK(store.load_room(general_room).has_value());
    const auto batch = log.batch({log.say(general_room, ann, "hello")});
    server.freeze();
    const auto began = std::chrono::steady_clock::now();
    auto reading = std::async(std::launch::async, [&] { return store.load_room(general_room); });
    CHECK(store.commit(batch, {}).what == kind::failed);
    CHECK(reading.get().error().code == errc::unavailable);
    CHECK(std::chrono::steady_clock::now() - began < 15s);
    server.thaw();
    insist(store, batch);
    CHECK(store.load_room(general_room)->head == 2);
}

TEST_CASE("a commit that might not survive is not acknowledged, and is told once it will") {
    postgres_server server;
    kept in{server};
    store_log log{in.store};
    const auto said = log.say(general_room, ann, "hello");
    const auto batch = log.batch({said, log.repeat(said, general_room, std::get<placed_entry>(*said).hash)});
    const auto wait_for_standbys = [&](const std::string& names) {
        server.run("ALTER SYSTEM SET synchronous_standby_names = " + quoted(names));
        server.run("SELECT pg_reload_conf()");
        REQUIRE(wait_until(10s, [&] { return server.ask("SHOW synchronous_standby_names") == names; }));
    };
    wait_for_standbys("nobody");
    auto committing = std::async(std::launch::async, [&] { return in.store.commit(batch, {}); });
    const auto waits = std::string{of_stores} + quoted(in.database.name()) + " AND wait_event = 'SyncRep'";
    REQUIRE(wait_until(10s, [&] { return server.ask("SELECT count(*) " + waits) == "1"; }));
    server.run("SELECT pg_cancel_backend(pid) " + waits);
    const auto outcome = committing.get();
    CHECK(outcome.what == kind::failed);
    CHECK(outcome.reason.find("replication") != std::string::npos);

    wait_for_standbys("");
    const auto again = in.store.commit(batch, {});
    CHECK(again.what == kind::committed);
    REQUIRE(again.voids.size() == 1);
    CHECK(again.voids[0].place.duplicate_of == 2);
    CHECK(in.store.load_room(general_room)->head == 3);
}

TEST_CASE("a lock that another program holds is given up on, and the batch is tried again") {
    kept in;
    store_log log{in.store};
    postgres::watchdog watching;
    postgres::connection other{{in.database.options().target, "it"}, watching, 30s};
    const auto batch = log.batch({log.say(general_room, ann, "hello")});
    {
        const postgres::transaction held{other, postgres::transaction::kind::writing};
        std::ignore = other.run("LOCK TABLE log");
        CHECK(in.store.commit(batch, {}).what == kind::failed);
    }
    CHECK(in.store.commit(batch, {}).what == kind::committed);
}

TEST_CASE("the reason for which a row is refused quotes nobody's message") {
    kept in;
    store_log log{in.store};
    in.database.run("ALTER TABLE messages ADD CONSTRAINT no_secrets CHECK (text NOT LIKE '%secret%')");
    const auto outcome = log.write({log.say(general_room, ann, "my secret is out")});
    CHECK(outcome.what == kind::row_refused);
    CHECK(outcome.reason.find("no_secrets") != std::string::npos);
    CHECK(outcome.reason.find("my secret") == std::string::npos);
}

TEST_CASE("two events at one place end the process rather than become a void") {
    kept in;
    store_log log{in.store};
    in.database.run(
        "INSERT INTO events SELECT room, 2, epoch, 0, 0, 0, gen_random_uuid(), author, NULL, 4, 0, '', '', "
        "'' "
        "FROM events");
    const auto outcome = log.write({log.say(general_room, ann, "hello")});
    CHECK(outcome.what == kind::damaged);
    CHECK(outcome.reason.find("events_by_place") != std::string::npos);
}
