#include "server/store/postgres_commit.hpp"
#include "server/store/postgres_database.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/unit/store/every_statement.hpp"

using namespace parley;
using namespace parley::testing;

namespace {

using lines = std::vector<std::string>;

constexpr const char* many_rows =
    "INSERT INTO rooms (id, kind, name, topic, creator, head, fence, members) "
    "SELECT gen_random_uuid(), 1, 'room ' || i, '', gen_random_uuid(), 10, 0, 3 FROM generate_series(1, "
    "10000) i;"
    "INSERT INTO users (id, name, password_hash, role, disabled, created_ms) "
    "SELECT gen_random_uuid(), 'user' || i, '', 0, 0, 0 FROM generate_series(1, 10000) i;"
    "INSERT INTO events (room, seq, epoch, time_ms, hash, duplicate_of, op, author, kind, code, author_name, "
    "name, "
    "text) SELECT 2 + i / 10, 1 + i % 10, 1, i, i, 0, gen_random_uuid(), gen_random_uuid(), 4, 0, 'ann', '', "
    "'' "
    "FROM generate_series(0, 99999) i;"
    "INSERT INTO messages SELECT room, seq, author, 'hello' FROM events WHERE kind = 4;"
    "INSERT INTO members SELECT 2 + i % 10000, u.id, u.name, 1 + i FROM users u, generate_series(0, 2) i;"
    "INSERT INTO read_marks SELECT \"user\", room, 5 FROM members;"
    "INSERT INTO logins SELECT gen_random_uuid(), sha256(id::text::bytea), id, 1, 'robot', 0, 0 FROM users;"
    "INSERT INTO ended_logins (login) SELECT id FROM users;"
    "ANALYZE";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

lines lines_of(postgres::connection& db, const std::string& sql) {
    lines out;
    for (auto row = db.run(sql); row.step();)
        out.push_back(row.text(0));
    return out;
}

/// The lines that belong to the node at `at`, behind it.
bool has_condition(const lines& plan, std::size_t at) {
    for (auto next = at + 1; next < plan.size() && !has(plan[next], "->"); ++next)
        if (has(plan[next], "Index Cond:")) return true;
    return false;
}

/// What reads more of a table than it gives; empty if nothing does.
std::string flaw_of(const lines& plan) {
    for (std::size_t at = 0; at < plan.size(); ++at) {
        const auto& line = plan[at];
        const bool small = has(line, " on log") || has(line, " on meta") || has(line, " on invites");
        if (has(line, "Seq Scan on") && !small) return line;
        const bool walks = has(line, "Index Scan") || has(line, "Index Only Scan");
        if (walks && !small && !has_condition(plan, at)) return line;
        if (has(line, "Sort") && plan.front().starts_with("Limit")) return line;
    }
    return {};
}

std::string call_of(const std::string& name, std::int64_t parameters) {
    std::string out = "EXECUTE " + name;
    for (std::int64_t i = 0; i < parameters; ++i)
        out += i == 0 ? "(NULL" : ", NULL";
    return out + (parameters > 0 ? ")" : "");
}

}  // namespace

TEST_CASE("among 100,000 messages in 10,000 rooms every statement finds its rows by an index") {
    postgres_database database;
    const auto options = database.options();
    { const postgres_store makes_tables{options}; }
    database.run(std::string{"SET statement_timeout = 0; "} + many_rows);
    postgres::watchdog watching;
    postgres::connection db{{options.target, options.name}, watching, std::chrono::seconds{60}};
    const postgres::transaction whole{db, postgres::transaction::kind::writing};
    use_rooms<postgres::batch_writer>(db);
    use_accounts(db);

    std::size_t seen = 0;
    auto statements = db.run(
        "SELECT name, statement, coalesce(array_length(parameter_types, 1), 0) FROM pg_prepared_statements");
    for (; statements.step(); ++seen) {
        const auto sql = statements.text(1);
        INFO(sql);
        if (sql == "SELECT count(*) FROM users") continue;
        const auto plan = lines_of(db, "EXPLAIN " + call_of(statements.text(0), statements.number(2)));
        std::string shown;
        for (const auto& line : plan)
            shown += line + '\n';
        INFO(shown);
        CHECK(flaw_of(plan).empty());
        // What is counted as unread never looks at a message's text.
        if (has(sql, "read_marks") && has(shown, " on messages"))
            CHECK(has(shown, "Index Only Scan Backward using messages_by_place"));
    }
    CHECK(seen >= 40);
}

TEST_CASE("a statement that reads a whole table of PostgreSQL is noticed") {
    postgres_database database;
    const postgres_store makes_tables{database.options()};
    postgres::watchdog watching;
    postgres::connection db{{database.options().target, "it"}, watching, std::chrono::seconds{5}};
    CHECK_FALSE(flaw_of(lines_of(db, "EXPLAIN SELECT * FROM events WHERE time_ms = 1")).empty());
    CHECK_FALSE(flaw_of(lines_of(db, "EXPLAIN SELECT no FROM rooms ORDER BY id")).empty());
    CHECK(flaw_of(lines_of(db, "EXPLAIN SELECT * FROM events WHERE room = 1")).empty());
}
