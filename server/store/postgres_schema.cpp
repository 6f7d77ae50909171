#include "server/store/postgres_schema.hpp"

#include <stdexcept>

namespace parley::postgres {

namespace {

constexpr int oldest_server = 150'000;

// Of the word "parley": its bytes.
constexpr const char* lock_schema =
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; "
    "SELECT pg_advisory_xact_lock(x'7061726c6579'::bigint)";

constexpr const char* select_server =
    "SELECT current_setting('server_version_num')::int, current_setting('server_version'), "
    "pg_is_in_recovery()::int, current_setting('transaction_read_only') = 'on' AND NOT pg_is_in_recovery(), "
    "current_setting('server_encoding')";

/// But for what extensions bring.
constexpr const char* select_tables =
    "SELECT count(*), count(*) FILTER (WHERE relname = 'meta'), current_schema() IS NULL FROM pg_class "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid "
    "AND deptype = 'e')";

/// The table of another program may be called meta, too.
constexpr const char* select_meta_columns =
    "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute "
    "WHERE attrelid = to_regclass('meta') AND attnum > 0 AND NOT attisdropped";

constexpr const char* select_version =
    "SELECT coalesce(max(value) FILTER (WHERE key = 'schema_version'), '0')::bigint, "
    "count(*) FILTER (WHERE key = 'payload_key') FROM meta";

constexpr const char* insert_version =
    "INSERT INTO meta (key, value) VALUES ('schema_version', ?1) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value";

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
    throw std::runtime_error{name + ' ' + why};
}

void check_server(connection& db, const std::string& name) {
    auto row = db.run(select_server);
    row.step();
    if (row.number(0) < oldest_server) refuse(name, "is on PostgreSQL " + row.text(1) + ": use 15 or later");
    if (row.number(2) != 0) refuse(name, "is a standby that can only be read: name the primary with --store");
    if (row.text(3) == "t")
        refuse(name, "can only be read: ALTER DATABASE or ALTER ROLE … RESET default_transaction_read_only");
    if (row.text(4) != "UTF8")
        refuse(name, "is encoded in " + row.text(4) + ": create one with ENCODING 'UTF8' TEMPLATE template0");
}

/// 0: there are no tables at all.
std::int64_t version_of(connection& db, const std::string& name) {
    auto tables = db.run(select_tables);
    tables.step();
    if (tables.text(2) == "t")
        refuse(name,
               "has no schema that this user may use: GRANT USAGE, CREATE ON SCHEMA public TO the user");
    if (tables.number(0) == 0) return 0;
    const std::string foreign = "holds tables of another program: name an empty database with --store";
    if (tables.number(1) == 0) refuse(name, foreign);
    auto columns = db.run(select_meta_columns);
    if (!columns.step() || columns.text(0) != "key,value") refuse(name, foreign);
    auto version = db.run(select_version);
    version.step();
    if (version.number(0) < 1 || version.number(1) == 0) refuse(name, foreign);
    return version.number(0);
}

}  // namespace

readiness check_database(connection& db, const std::string& name, std::span<const migration> upto) {
    check_server(db, name);
    const auto version = version_of(db, name);
    const auto newest = version_after(upto);
    if (version == 0) return readiness::empty;
    if (version < newest) return readiness::older;
    if (version == newest) return readiness::current;
    refuse(name, "was written by a newer Parley (schema " + std::to_string(version) + ", this one knows " +
                     std::to_string(newest) + "): start that version, or name another database with --store");
}

void migrate(connection& db, std::span<const migration> upto) {
    transaction whole{db, transaction::kind::writing};
    db.run(lock_schema);
    const auto from = version_of(db, "the database");
    for (const auto& step : upto)
        if (step.number > from) db.run(step.sql);
    if (version_after(upto) > from) db.change(insert_version, std::to_string(version_after(upto)));
    whole.commit();
}

std::string explain(const failure& why, const std::string& name) {
    const std::string said = why.what();
    switch (why.kind()) {
    case trouble::unreachable:
        return name + " can't be reached (" + said + "): look at --store and at PostgreSQL, then start again";
    case trouble::denied:
        return name + " is not open to this user (" + said +
               "): GRANT ALL ON SCHEMA public TO the user of --store, or make it the database's owner";
    default: return name + ": " + said + ": look at PostgreSQL and at its log, then start again";
    }
}

}  // namespace parley::postgres
