#include "server/store/sqlite_database.hpp"

#include "shared/base/assert.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <limits>
#include <unordered_map>

namespace parley::sqlite {

namespace {

constexpr int steps_between_looks = 4'096;

trouble trouble_of(int code) {
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return trouble::row;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return trouble::damage;
    case SQLITE_FULL: return trouble::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return trouble::busy;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN: return trouble::unwritable;
    case SQLITE_INTERRUPT: return trouble::interrupted;
    default: return trouble::other;
    }
}

/// A log or an index of it that can't grow fails as any other input or output does.
bool out_of_space(sqlite3* on, int code) {
    if (!on || (code & 0xff) != SQLITE_IOERR) return false;
    const int reason = sqlite3_system_errno(on);
    return reason == ENOSPC || reason == EDQUOT;
}

[[noreturn]] void throw_failure(sqlite3* on, int code) {
    if (out_of_space(on, code)) throw failure{trouble::full, sqlite3_errstr(SQLITE_FULL)};
    throw failure{trouble_of(code), on ? sqlite3_errmsg(on) : sqlite3_errstr(code)};
}

void check(sqlite3* on, int code) {
    if (code != SQLITE_OK) throw_failure(on, sqlite3_extended_errcode(on));
}

/// As a URI, so that `immutable` can be said.
std::string uri_of(const std::filesystem::path& file) {
    constexpr char hex[] = "0123456789ABCDEF";
    std::string out = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '%' || c == '?' || c == '#') {
            out += {'%', hex[byte >> 4], hex[byte & 15]};
        } else {
            out += c;
        }
    }
    return out;
}

/// A statement that is prepared for one use.
struct single {
    sqlite3_stmt* statement = nullptr;

    single(sqlite3* on, const std::string& sql) {
        check(on, sqlite3_prepare_v2(on, sql.c_str(), -1, &statement, nullptr));
    }

    ~single() { sqlite3_finalize(statement); }

    single(const single&) = delete;
    single& operator=(const single&) = delete;
};

int flags_of(access how) {
    const int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
    switch (how) {
    case access::create: return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case access::write: return common | SQLITE_OPEN_READWRITE;
    default: return common | SQLITE_OPEN_READONLY;
    }
}

}  // namespace

struct database::connection {
    sqlite3* handle = nullptr;
    std::unordered_map<const char*, sqlite3_stmt*> prepared;
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::int64_t log_pages = 0;

    ~connection() {
        for (const auto& [sql, statement] : prepared)
            sqlite3_finalize(statement);
        sqlite3_close(handle);
    }

    static int look_at_clock(void* self) {
        const auto& deadline = static_cast<connection*>(self)->deadline;
        return deadline && std::chrono::steady_clock::now() > *deadline ? 1 : 0;
    }

    static int committed(void* self, sqlite3*, const char*, int pages) {
        static_cast<connection*>(self)->log_pages = pages;
        return SQLITE_OK;
    }
};

database::database(const std::filesystem::path& file, access how)
    : connection_(std::make_unique<connection>()) {
    auto& c = *connection_;
    const auto uri = uri_of(file) + (how == access::read_alone ? "?immutable=1" : "");
    const int code = sqlite3_open_v2(uri.c_str(), &c.handle, flags_of(how), nullptr);
    if (code != SQLITE_OK) throw_failure(c.handle, code);
    // Where it may not write, SQLite opens the file for reading and says nothing.
    if ((flags_of(how) & SQLITE_OPEN_READWRITE) != 0 && sqlite3_db_readonly(c.handle, "main") == 1)
        throw failure{trouble::unwritable, "it is read-only"};
    sqlite3_db_config(c.handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(c.handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    if (how == access::read) sqlite3_db_config(c.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_progress_handler(c.handle, steps_between_looks, &connection::look_at_clock, &c);
    // In the place of SQLite's own hook: nothing is carried over by itself, as with wal_autocheckpoint=0.
    sqlite3_wal_hook(c.handle, &connection::committed, &c);
    run("PRAGMA mmap_size=0; PRAGMA cell_size_check=1; PRAGMA temp_store=MEMORY");
}

database::~database() = default;
database::database(database&&) noexcept = default;
database& database::operator=(database&&) noexcept = default;

void database::run(const std::string& sql) {
    check(connection_->handle, sqlite3_exec(connection_->handle, sql.c_str(), nullptr, nullptr, nullptr));
}

std::string database::text_of(const std::string& sql) {
    const single once{connection_->handle, sql};
    query q{once.statement};
    return q.step() ? q.text(0) : std::string{};
}

std::int64_t database::number_of(const std::string& sql) {
    const single once{connection_->handle, sql};
    query q{once.statement};
    return q.step() ? q.number(0) : 0;
}

std::vector<std::string> database::texts_of(const std::string& sql, int column) {
    const single once{connection_->handle, sql};
    std::vector<std::string> out;
    for (query q{once.statement}; q.step();)
        out.push_back(q.text(column));
    return out;
}

std::vector<std::string> database::kept_statements() const {
    std::vector<std::string> out;
    for (const auto& [sql, statement] : connection_->prepared)
        out.emplace_back(sql);
    return out;
}

sqlite3_stmt* database::prepare(const char* sql) {
    auto& statement = connection_->prepared[sql];
    if (!statement) {
        check(connection_->handle, sqlite3_prepare_v3(connection_->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                                      &statement, nullptr));
    }
    PARLEY_ASSERT(!sqlite3_stmt_busy(statement));
    return statement;
}

std::int64_t database::last_row() const {
    return sqlite3_last_insert_rowid(connection_->handle);
}

std::int64_t database::changed_rows() const {
    return sqlite3_changes64(connection_->handle);
}

bool database::in_transaction() const {
    return sqlite3_get_autocommit(connection_->handle) == 0;
}

void database::set_busy_timeout(std::chrono::milliseconds time) {
    sqlite3_busy_timeout(connection_->handle, static_cast<int>(time.count()));
}

void database::set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) {
    connection_->deadline = deadline;
}

std::int64_t database::log_pages() const {
    return connection_->log_pages;
}

bool database::checkpoint(checkpoint_kind kind) {
    const int mode =
        kind == checkpoint_kind::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
    int in_log = 0;
    int done = 0;
    const int code = sqlite3_wal_checkpoint_v2(connection_->handle, "main", mode, &in_log, &done);
    if ((code & 0xff) == SQLITE_BUSY) return false;
    check(connection_->handle, code);
    if (kind == checkpoint_kind::truncate) connection_->log_pages = 0;
    return done == in_log;
}

query::~query() {
    if (!statement_) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

bool query::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw_failure(sqlite3_db_handle(statement_), code);
}

void query::bind(std::int64_t value) {
    check(sqlite3_db_handle(statement_), sqlite3_bind_int64(statement_, next_++, value));
}

void query::bind(std::uint64_t value) {
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    bind(static_cast<std::int64_t>(value < largest ? value : largest));
}

void query::bind(std::string_view text) {
    // An empty view may hold a null pointer, which would be NULL.
    const char* at = text.data() ? text.data() : "";
    check(sqlite3_db_handle(statement_),
          sqlite3_bind_text64(statement_, next_++, at, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void query::bind(const ulid& id) {
    const auto bytes = to_bytes(id);
    check(sqlite3_db_handle(statement_), sqlite3_bind_blob(statement_, next_++, bytes.data(),
                                                           static_cast<int>(bytes.size()), SQLITE_TRANSIENT));
}

void query::bind(const std::array<std::uint8_t, 32>& bytes) {
    check(sqlite3_db_handle(statement_), sqlite3_bind_blob(statement_, next_++, bytes.data(),
                                                           static_cast<int>(bytes.size()), SQLITE_TRANSIENT));
}

void query::bind(std::nullopt_t) {
    check(sqlite3_db_handle(statement_), sqlite3_bind_null(statement_, next_++));
}

std::int64_t query::number(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string query::text(int column) const {
    const auto* at = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return at ? std::string(at, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
              : std::string{};
}

bool query::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

ulid query::id(int column) const {
    const auto* at = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (!at || sqlite3_column_bytes(statement_, column) != 16)
        throw failure{trouble::damage, "an id that is not of 16 bytes"};
    return ulid_from_bytes(at);
}

transaction::transaction(database& on, kind what) : on_(on) {
    if (on_.in_transaction()) on_.run("ROLLBACK");
    on_.run(what == kind::writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

transaction::~transaction() {
    // A failed COMMIT or a full disk may have rolled back already. If even this fails, the next one begins
    // with it.
    if (!on_.in_transaction()) return;
    try {
        on_.run("ROLLBACK");
    } catch (const failure&) {
    }
}

void transaction::commit() {
    on_.run("COMMIT");
}

}  // namespace parley::sqlite
