#include "server/store/sqlite_schema.hpp"

#include "server/store/sql_accounts.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/unit/store/schema_steps.hpp"

#include <vector>

using namespace parley;
using namespace parley::testing;

namespace {

const auto with_two_more = with_colours(sqlite::migrations());

}  // namespace

TEST_CASE("migrations are numbered from one without a gap") {
    int expected = 0;
    for (const auto& step : sqlite::migrations())
        CHECK(step.number == ++expected);
    CHECK(sqlite::newest_version() == expected);
}

TEST_CASE("only the migrations that are missing are applied, each once") {
    store_folder folder;
    sqlite::create_file(folder.file());
    sqlite::database db{folder.file(), sqlite::access::write};
    CHECK(sqlite::version_of(db) == sqlite::newest_version());

    sqlite::migrate(db, with_two_more);
    sqlite::migrate(db, with_two_more);
    CHECK(sqlite::version_of(db) == sqlite::newest_version() + 2);
    CHECK(db.number_of("SELECT count(*) FROM colours") == 2);
    CHECK(db.number_of("SELECT count(*) FROM rooms") == 1);
}

TEST_CASE("a migration that fails leaves the file as it was") {
    store_folder folder;
    sqlite::create_file(folder.file());
    sqlite::database db{folder.file(), sqlite::access::write};
    auto broken = with_two_more;
    broken.back().sql = "INSERT INTO colours VALUES (NULL);";
    CHECK_THROWS_AS(sqlite::migrate(db, broken), sqlite::failure);
    CHECK(sqlite::version_of(db) == sqlite::newest_version());
    CHECK(db.number_of("SELECT count(*) FROM sqlite_schema WHERE name = 'colours'") == 0);
}

TEST_CASE("all tables are strict") {
    store_folder folder;
    sqlite::create_file(folder.file());
    sqlite::database db{folder.file(), sqlite::access::write};
    CHECK(db.number_of("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                       "AND name NOT LIKE 'sqlite_%' AND NOT strict") == 0);
}

TEST_CASE("each file has a payload key of its own and keeps it") {
    store_folder one, two;
    hash_key key;
    {
        sqlite_store store{sqlite_options{one.path()}};
        key = store.payload_key();
        CHECK(store.set_meta("setup_code", "PEAR").has_value());
    }
    sqlite_store again{sqlite_options{one.path()}};
    CHECK(again.payload_key().k0 == key.k0);
    CHECK(again.payload_key().k1 == key.k1);
    CHECK(again.meta_value("setup_code").value() == "PEAR");
    CHECK_FALSE(again.meta_value("nothing").value().has_value());
    sqlite_store other{sqlite_options{two.path()}};
    CHECK(other.payload_key().k0 != key.k0);
}
