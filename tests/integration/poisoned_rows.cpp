#include "server/store/sqlite_database.hpp"
#include "server/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/server_process.hpp"

#include <algorithm>

/// Rows that the database refuses, whatever is done: a rule in it sees to that.
using namespace parley;
using namespace parley::testing;

namespace {

constexpr const char* no_poison =
    "CREATE TRIGGER no_poison BEFORE INSERT ON messages "
    "WHEN NEW.text GLOB '*poison*' BEGIN SELECT RAISE(ABORT, 'poisoned'); END";
constexpr const char* no_bob =
    "CREATE TRIGGER no_bob BEFORE INSERT ON members "
    "WHEN NEW.name = 'bob' BEGIN SELECT RAISE(ABORT, 'poisoned'); END";

struct on_sqlite {
    server_process server{{"--message-rate", "0"}};

    void refuse_poison() { rule(no_poison); }

    void refuse_bob() { rule(no_bob); }

    void accept_bob() { rule("DROP TRIGGER no_bob"); }

private:
    void rule(const char* sql) {
        sqlite::database file{server.data() / "parley.db", sqlite::access::write};
        file.set_busy_timeout(std::chrono::seconds{10});
        file.change(sql);
    }
};

struct on_postgres {
    postgres_database database;
    server_process server{{"--message-rate", "0"}, {{"PARLEY_STORE", database.url()}}};

    void refuse_poison() {
        database.run("ALTER TABLE messages ADD CONSTRAINT no_poison CHECK (text NOT LIKE '%poison%')");
    }

    void refuse_bob() {
        database.run("ALTER TABLE members ADD CONSTRAINT no_bob CHECK (name <> 'bob') NOT VALID");
    }

    void accept_bob() { database.run("ALTER TABLE members DROP CONSTRAINT no_bob"); }
};

template <class Store>
struct two_people : Store {
    using Store::server;
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};

    two_people() {
        ann.show(general_room);
        bob.show(general_room);
        REQUIRE(until([&] { return ann.caught_up(general_room) && bob.caught_up(general_room); }));
    }

    [[nodiscard]] bool until(const std::function<bool()>& holds) { return run_until({ann, bob}, holds); }

    http_reply health() { return http_client{server.port()}.get("/health"); }
};

bool is_refused(native_client& who, const change_id& change) {
    const auto is = [&](const row_view& row) {
        return row.change == change && row.reason == errc::store_refused;
    };
    const auto outbox = who.core().outbox();
    const auto& rows = who.core().room(general_room)->rows;
    return std::any_of(outbox.begin(), outbox.end(), is) || std::any_of(rows.begin(), rows.end(), is);
}

}  // namespace

TEMPLATE_TEST_CASE("a message that the database refuses is told to its author and holds up nobody", "",
                   on_sqlite, on_postgres) {
    two_people<TestType> world;
    world.refuse_poison();
    std::vector<std::string> good;
    std::vector<change_id> bad;
    for (int i = 0; i < 300; ++i) {
        const bool poisoned = i % 60 == 17;
        auto& speaker = i % 2 == 0 ? world.ann : world.bob;
        const auto change = speaker.say(general_room, (poisoned ? "poison " : "ann ") + std::to_string(i));
        if (poisoned) bad.push_back(change);
        if (i % 50 == 0) REQUIRE(world.until([&] { return world.ann.status().outbox < 20; }));
    }
    constexpr std::size_t stored = 295;
    REQUIRE(world.until([&] {
        return world.ann.texts(general_room).size() >= stored &&
               world.bob.texts(general_room).size() >= stored &&
               std::all_of(bad.begin(), bad.end(),
                           [&](const auto& change) { return is_refused(world.bob, change); });
    }));
    CHECK(world.ann.texts(general_room) == world.bob.texts(general_room));
    CHECK(world.ann.texts(general_room).size() == stored);
    CHECK(world.ann.status().outbox == 0);
    CHECK(world.health().status == 200);

    world.server.kill();
    world.server.start();
    world.bob.say(general_room, "still here");
    REQUIRE(world.until([&] { return world.ann.texts(general_room).back() == "still here"; }));
    CHECK(world.ann.texts(general_room).size() == stored + 1);
}

TEMPLATE_TEST_CASE("a join that the database refuses halts its room alone, and health says which and why", "",
                   on_sqlite, on_postgres) {
    two_people<TestType> world;
    const auto tea = world.ann.create("tea");
    REQUIRE(world.until([&] { return world.ann.joined(tea) && world.ann.status().outbox == 0; }));
    world.refuse_bob();

    world.bob.join(tea);
    REQUIRE(world.until([&] { return world.health().status == 503; }));
    CHECK_THAT(world.health().body, Catch::Matchers::Contains("room " + to_text(tea) + " is halted"));
    CHECK(world.server.says("room " + to_text(tea) + " is halted"));
    world.ann.say(general_room, "hello");
    REQUIRE(world.until([&] { return world.bob.texts(general_room).size() == 1; }));
    world.ann.say(tea, "is anybody here?");

    world.accept_bob();
    world.server.kill();
    world.server.start();
    world.bob.show(tea);
    const std::vector<std::string> all{"is anybody here?"};
    REQUIRE(world.until([&] { return world.bob.joined(tea) && world.bob.texts(tea) == all; }));
    CHECK(world.ann.status().outbox == 0);
    CHECK(world.health().status == 200);
}
