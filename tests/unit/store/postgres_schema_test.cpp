#include "server/store/postgres_schema.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/unit/store/schema_steps.hpp"

#include <thread>

using namespace parley;
using namespace parley::testing;

namespace {

const auto with_two_more = with_colours(postgres::migrations());

struct direct {
    explicit direct(const postgres_options& options)
        : db{{options.target, options.name}, watching, std::chrono::seconds{30}} {}

    postgres::watchdog watching;
    postgres::connection db;
};

std::int64_t number_of(postgres::connection& db, const std::string& sql) {
    auto rows = db.run(sql);
    return rows.step() ? rows.number(0) : 0;
}

/// What a start on it says; empty if it starts.
std::string complaint_of(const postgres_options& options) {
    try {
        postgres_store store{options};
        return {};
    } catch (const std::runtime_error& why) {
        return why.what();
    }
}

constexpr const char* count_tables =
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";

bool refused(const postgres_options& options, const std::string& words) {
    const auto said = complaint_of(options);
    INFO(said);
    CHECK(said.find(words) != std::string::npos);
    CHECK(said.find('\n') == std::string::npos);
    CHECK(said.find(postgres_server::password) == std::string::npos);
    return !said.empty();
}

void set(postgres_options& options, const std::string& key, const std::string& value) {
    for (auto& [word, is] : options.target)
        if (word == key) is = value;
}

}  // namespace

TEST_CASE("migrations for PostgreSQL are numbered from one without a gap") {
    int expected = 0;
    for (const auto& step : postgres::migrations())
        CHECK(step.number == ++expected);
    CHECK(version_after(postgres::migrations()) == expected);
}

TEST_CASE("only the migrations that a database misses are applied, each once") {
    postgres_database database;
    direct in{database.options()};
    CHECK(postgres::check_database(in.db, "it") == postgres::readiness::empty);
    postgres::migrate(in.db);
    CHECK(postgres::check_database(in.db, "it") == postgres::readiness::current);
    CHECK(postgres::check_database(in.db, "it", with_two_more) == postgres::readiness::older);
    postgres::migrate(in.db, with_two_more);
    postgres::migrate(in.db, with_two_more);
    CHECK(postgres::check_database(in.db, "it", with_two_more) == postgres::readiness::current);
    CHECK(number_of(in.db, "SELECT count(*) FROM colours") == 2);
    CHECK(number_of(in.db, "SELECT count(*) FROM rooms") == 1);
}

TEST_CASE("a migration that fails leaves a database as it was") {
    postgres_database database;
    direct in{database.options()};
    postgres::migrate(in.db);
    auto broken = with_two_more;
    broken.back().sql = "INSERT INTO colours VALUES (NULL);";
    CHECK_THROWS_AS(postgres::migrate(in.db, broken), postgres::failure);
    CHECK(postgres::check_database(in.db, "it") == postgres::readiness::current);
    CHECK(number_of(in.db, "SELECT count(*) FROM pg_class WHERE relname = 'colours'") == 0);
}

TEST_CASE("servers that start on an empty database at the same time make its tables once") {
    postgres_database database;
    std::vector<std::string> complaints(4);
    {
        std::vector<std::jthread> servers;
        for (auto& complaint : complaints)
            servers.emplace_back([&] { complaint = complaint_of(database.options()); });
    }
    for (const auto& complaint : complaints)
        CHECK(complaint.empty());
    CHECK(database.ask("SELECT count(*) FROM rooms") == "1");
}

TEST_CASE("each database has a payload key of its own and keeps it") {
    postgres_database one, two;
    hash_key key;
    {
        postgres_store store{one.options()};
        key = store.payload_key();
        CHECK(store.set_meta("setup_code", "PEAR").has_value());
    }
    postgres_store again{one.options()}, other{two.options()};
    CHECK(again.payload_key().k0 == key.k0);
    CHECK(again.payload_key().k1 == key.k1);
    CHECK(again.meta_value("setup_code").value() == "PEAR");
    CHECK_FALSE(again.meta_value("nothing").value().has_value());
    CHECK(other.payload_key().k0 != key.k0);
}

TEST_CASE("tables that are another program's or a newer version's are refused and not touched") {
    postgres_database database;
    const auto options = database.options();
    SECTION("another program's") {
        database.run("CREATE TABLE things (name text)");
        CHECK(refused(options, "holds tables of another program"));
        CHECK(database.ask(count_tables) == "1");
    }
    SECTION("another program's, of a name that we use") {
        database.run("CREATE TABLE meta (key text, value text, more text)");
        CHECK(refused(options, "holds tables of another program"));
        database.run("ALTER TABLE meta DROP COLUMN more");
        CHECK(refused(options, "holds tables of another program"));
        CHECK(database.ask(count_tables) == "1");
    }
    SECTION("a newer version's") {
        CHECK(complaint_of(options).empty());
        database.run("UPDATE meta SET value = '99' WHERE key = 'schema_version'");
        CHECK(refused(options, "was written by a newer Parley (schema 99"));
        CHECK(database.ask("SELECT value FROM meta WHERE key = 'schema_version'") == "99");
    }
    SECTION("what an extension brings is nobody's") {
        database.run("CREATE EXTENSION pg_stat_statements");
        CHECK(complaint_of(options).empty());
    }
}

TEST_CASE("a database that can't be used is refused in one line that says what to do") {
    postgres_database database;
    auto options = database.options();
    SECTION("a wrong password") {
        set(options, "password", "wrong");
        CHECK(refused(options, "password authentication failed"));
    }
    SECTION("nobody there") {
        set(options, "port", "1");
        CHECK(refused(options, "can't be reached"));
    }
    SECTION("no such database") {
        set(options, "dbname", "nothing");
        CHECK(refused(options, "does not exist"));
    }
    SECTION("no right to create") {
        database.run("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'");
        set(options, "user", "guest");
        set(options, "password", "guest");
        CHECK(refused(options, "GRANT ALL ON SCHEMA public"));
        CHECK(database.ask(count_tables) == "0");
    }
    SECTION("read only") {
        database.run("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
        CHECK(refused(options, "can only be read"));
    }
    SECTION("another encoding") {
        database.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
        set(options, "dbname", "latin");
        CHECK(refused(options, "is encoded in LATIN1"));
        database.run("DROP DATABASE latin");
    }
}
