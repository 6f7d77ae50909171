#include "server/store/sqlite_commit.hpp"
#include "server/store/sqlite_schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/unit/store/every_statement.hpp"

using namespace parley;
using namespace parley::testing;

namespace {

/// "SCAN t" reads a whole table, in whatever order. Walking an index for the order of a list is fine, and so
/// is what a subquery has already bounded.
bool reads_a_whole_table(const std::string& step) {
    return step.rfind("SCAN ", 0) == 0 && step.find(" USING ") == std::string::npos &&
           step.find("(subquery") == std::string::npos && step != "SCAN newest" &&
           step.find("CONSTANT ROW") == std::string::npos;
}

}  // namespace

TEST_CASE("every statement of the store finds its rows by an index") {
    store_folder folder;
    sqlite::create_file(folder.file());
    sqlite::database db{folder.file(), sqlite::access::write};
    use_rooms<sqlite::batch_writer>(db);
    use_accounts(db);

    const auto statements = db.kept_statements();
    CHECK(statements.size() >= 40);
    for (const auto& sql : statements) {
        INFO(sql);
        for (const auto& step : db.texts_of("EXPLAIN QUERY PLAN " + sql, 3)) {
            INFO(step);
            CHECK_FALSE(reads_a_whole_table(step));
            // What is counted as unread never looks at a message's text.
            if (step.find(" messages") != std::string::npos && sql.find("read_marks") != std::string::npos)
                CHECK(step.find("COVERING INDEX messages_by_place") != std::string::npos);
        }
    }
}

TEST_CASE("a statement that reads a whole table is noticed") {
    store_folder folder;
    sqlite::create_file(folder.file());
    sqlite::database db{folder.file(), sqlite::access::write};
    const auto plan = db.texts_of("EXPLAIN QUERY PLAN SELECT * FROM events WHERE time_ms = 1", 3);
    REQUIRE(plan.size() == 1);
    CHECK(reads_a_whole_table(plan[0]));
}
