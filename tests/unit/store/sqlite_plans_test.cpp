#include "server/store/sql_accounts.hpp"
#include "server/store/sql_lists.hpp"
#include "server/store/sql_rooms.hpp"
#include "server/store/sqlite_commit.hpp"
#include "server/store/sqlite_schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/support/store_log.hpp"

using namespace parley;
using namespace parley::testing;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;

void use_rooms(sqlite::database& db) {
    const room_id garden{{7, 1}};
    const auto epoch = sqlite::raise_epoch(db, now, 1);
    commit_batch batch{epoch, {}, {{ann.id, garden, 1}}};
    std::uint64_t seq = 0;
    for (const auto kind : {change_kind::create, change_kind::message, change_kind::join, change_kind::leave,
                            change_kind::message}) {
        placed_entry entry;
        entry.n = ++seq;
        entry.event = {garden, seq, epoch, {ann.id, op_id{{1, seq % 4}}}, ann.name, now, kind, "n",
                       "t",    {},  0};
        batch.events.push_back(std::make_shared<const log_entry>(entry));
    }
    for (int twice = 0; twice < 2; ++twice)
        REQUIRE(sqlite::batch_writer{db, {}}.write(batch).has_value());

    std::ignore = sql::load_room(db, garden);
    std::ignore = sql::read_before(db, garden, 0, 10);
    std::ignore = sql::read_after(db, garden, 1, 10);
    std::ignore = sql::find_changes(db, garden, std::vector{change_id{ann.id, op_id{{1, 1}}}});
    std::ignore = sql::rooms_of(db, ann.id);
    std::ignore = sql::list_rooms(db, ann.id, {}, 10);
    std::ignore = sql::list_members(db, garden, {}, 10);
}

void use_accounts(sqlite::database& db) {
    const secret_hash secret{};
    std::ignore =
        sql::create_user(db, {ann.id, ann.name, "hash", user_role::member, false, now}, secret, now);
    std::ignore = sql::create_user(db, {ann.id, ann.name, "hash", user_role::member, false, now}, {}, now);
    sql::add_login(db, {login_id{{2, 1}}, ann.id, login_kind::token, "robot", now, 0}, secret);
    std::ignore = sql::find_login(db, secret, now);
    std::ignore = sql::list_tokens(db, ann.id);
    std::ignore = sql::end_login(db, ann.id, login_id{{2, 1}});
    std::ignore = sql::set_password(db, ann.id, "other");
    std::ignore = sql::disable_user(db, ann.id);
    std::ignore = sql::logins_ended_since(db, -1);
    std::ignore = sql::logins_ended_since(db, 0);
    sql::add_invite(db, {login_id{{3, 1}}, ann.id, now, now + 1}, secret);
    std::ignore = sql::list_invites(db, now);
    std::ignore = sql::drop_invite(db, login_id{{3, 1}});
    sql::set_meta(db, "key", "value");
    std::ignore = sql::meta_value(db, "key");
}

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
    use_rooms(db);
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
