#include "server/store/sql_accounts.hpp"

#include "server/store/postgres_database.hpp"
#include "server/store/sqlite_database.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley::sql {

namespace {

constexpr const char* select_count = "SELECT count(*) FROM users";
constexpr const char* insert_user =
    "INSERT INTO users (id, name, password_hash, role, disabled, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "ON CONFLICT (name) DO NOTHING";
constexpr const char* select_user_by_name =
    "SELECT id, name, password_hash, role, disabled, created_ms FROM users WHERE name = ?1";
constexpr const char* select_user =
    "SELECT id, name, password_hash, role, disabled, created_ms FROM users WHERE id = ?1";
constexpr const char* update_password = "UPDATE users SET password_hash = ?2 WHERE id = ?1";
constexpr const char* update_disabled = "UPDATE users SET disabled = 1 WHERE id = ?1";

constexpr const char* use_invite =
    "DELETE FROM invites WHERE secret = ?1 AND (expires_ms = 0 OR expires_ms > ?2)";
constexpr const char* delete_expired_invites = "DELETE FROM invites WHERE expires_ms BETWEEN 1 AND ?1";
constexpr const char* insert_invite =
    "INSERT INTO invites (id, secret, made_by, created_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr const char* select_invites =
    "SELECT id, made_by, created_ms, expires_ms FROM invites WHERE expires_ms = 0 OR expires_ms > ?1 "
    "ORDER BY id";
constexpr const char* delete_invite = "DELETE FROM invites WHERE id = ?1";

constexpr const char* delete_expired_logins = "DELETE FROM logins WHERE expires_ms BETWEEN 1 AND ?1";
constexpr const char* insert_login =
    "INSERT INTO logins (id, secret, \"user\", kind, name, created_ms, expires_ms) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr const char* select_login =
    "SELECT l.id, l.\"user\", l.kind, l.name, l.created_ms, l.expires_ms, u.id, u.name, "
    "u.password_hash, u.role, u.disabled, u.created_ms "
    "FROM logins l JOIN users u ON u.id = l.\"user\" "
    "WHERE l.secret = ?1 AND (l.expires_ms = 0 OR l.expires_ms > ?2) AND u.disabled = 0";
constexpr const char* select_tokens =
    "SELECT id, \"user\", kind, name, created_ms, expires_ms FROM logins "
    "WHERE \"user\" = ?1 AND kind = ?2 ORDER BY id";

constexpr const char* remember_login =
    "INSERT INTO ended_logins (login) SELECT id FROM logins WHERE \"user\" = ?1 AND id = ?2";
constexpr const char* delete_login = "DELETE FROM logins WHERE \"user\" = ?1 AND id = ?2";
constexpr const char* select_logins = "SELECT id FROM logins WHERE \"user\" = ?1 ORDER BY id";
constexpr const char* remember_logins =
    "INSERT INTO ended_logins (login) SELECT id FROM logins WHERE \"user\" = ?1 ORDER BY id";
constexpr const char* delete_logins = "DELETE FROM logins WHERE \"user\" = ?1";
constexpr const char* forget_ended =
    "DELETE FROM ended_logins WHERE no <= (SELECT max(no) FROM ended_logins) - ?1";
constexpr const char* select_last_ended = "SELECT coalesce(max(no), 0) FROM ended_logins";
constexpr const char* select_ended = "SELECT no, login FROM ended_logins WHERE no > ?1 ORDER BY no";

constexpr const char* select_meta = "SELECT value FROM meta WHERE key = ?1";
constexpr const char* upsert_meta =
    "INSERT INTO meta (key, value) VALUES (?1, ?2) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value";

template <class Rows>
stored_user user_of(const Rows& row, int first) {
    return {user_id{row.id(first)},     row.text(first + 1),
            row.text(first + 2),        static_cast<user_role>(row.number(first + 3)),
            row.number(first + 4) != 0, row.number(first + 5)};
}

template <class Rows>
stored_login login_of(const Rows& row) {
    return {login_id{row.id(0)}, user_id{row.id(1)}, static_cast<login_kind>(row.number(2)),
            row.text(3),         row.number(4),      row.number(5)};
}

template <class Rows>
std::optional<stored_user> user_in(Rows row) {
    return row.step() ? std::optional{user_of(row, 0)} : std::nullopt;
}

template <class Database>
std::vector<login_id> end_all(Database& db, user_id user) {
    std::vector<login_id> out;
    for (auto row = db.ask(select_logins, user); row.step();)
        out.push_back(login_id{row.id(0)});
    db.change(remember_logins, user);
    db.change(delete_logins, user);
    db.change(forget_ended, limits::ended_logins);
    return out;
}

}  // namespace

template <class Database>
std::size_t count_users(Database& db) {
    auto row = db.ask(select_count);
    return row.step() ? static_cast<std::size_t>(row.number(0)) : 0;
}

template <class Database>
result<stored_user> create_user(Database& db, const stored_user& user,
                                const std::optional<secret_hash>& invite, std::int64_t now_ms) {
    if (find_user(db, user.name)) return fail(errc::name_taken);
    if (invite && db.change(use_invite, *invite, now_ms) == 0) return fail(errc::bad_invite);
    auto made = user;
    if (count_users(db) == 0) made.role = user_role::owner;
    const auto added = db.change(insert_user, made.id, made.name, made.password_hash,
                                 static_cast<int>(made.role), made.disabled, made.created_ms);
    if (added == 0) return fail(errc::name_taken);
    return made;
}

template <class Database>
std::optional<stored_user> find_user(Database& db, const std::string& name) {
    return user_in(db.ask(select_user_by_name, name));
}

template <class Database>
std::optional<stored_user> find_user(Database& db, user_id id) {
    return user_in(db.ask(select_user, id));
}

template <class Database>
result<std::vector<login_id>> set_password(Database& db, user_id id, const std::string& hash) {
    if (db.change(update_password, id, hash) == 0) return fail(errc::not_found);
    return end_all(db, id);
}

template <class Database>
result<std::vector<login_id>> disable_user(Database& db, user_id id) {
    if (db.change(update_disabled, id) == 0) return fail(errc::not_found);
    return end_all(db, id);
}

template <class Database>
void add_login(Database& db, const stored_login& login, const secret_hash& secret) {
    db.change(delete_expired_logins, login.created_ms);
    db.change(insert_login, login.id, secret, login.user, static_cast<int>(login.kind), login.name,
              login.created_ms, login.expires_ms);
}

template <class Database>
std::optional<account_store::signed_in> find_login(Database& db, const secret_hash& secret,
                                                   std::int64_t now_ms) {
    auto row = db.ask(select_login, secret, now_ms);
    if (!row.step()) return std::nullopt;
    return account_store::signed_in{login_of(row), user_of(row, 6)};
}

template <class Database>
bool end_login(Database& db, user_id user, login_id id) {
    if (db.change(remember_login, user, id) == 0) return false;
    db.change(delete_login, user, id);
    db.change(forget_ended, limits::ended_logins);
    return true;
}

template <class Database>
ended_logins logins_ended_since(Database& db, std::int64_t cursor) {
    ended_logins out;
    out.cursor = cursor;
    if (cursor < 0) {
        auto last = db.ask(select_last_ended);
        out.cursor = last.step() ? last.number(0) : 0;
        return out;
    }
    for (auto row = db.ask(select_ended, cursor); row.step();) {
        out.cursor = row.number(0);
        out.logins.push_back(login_id{row.id(1)});
    }
    return out;
}

template <class Database>
std::vector<stored_login> list_tokens(Database& db, user_id user) {
    std::vector<stored_login> out;
    for (auto row = db.ask(select_tokens, user, static_cast<int>(login_kind::token)); row.step();)
        out.push_back(login_of(row));
    return out;
}

template <class Database>
void add_invite(Database& db, const stored_invite& invite, const secret_hash& secret) {
    db.change(delete_expired_invites, invite.created_ms);
    db.change(insert_invite, invite.id, secret, invite.made_by, invite.created_ms, invite.expires_ms);
}

template <class Database>
std::vector<stored_invite> list_invites(Database& db, std::int64_t now_ms) {
    std::vector<stored_invite> out;
    for (auto row = db.ask(select_invites, now_ms); row.step();)
        out.push_back({login_id{row.id(0)}, user_id{row.id(1)}, row.number(2), row.number(3)});
    return out;
}

template <class Database>
bool drop_invite(Database& db, login_id id) {
    return db.change(delete_invite, id) != 0;
}

template <class Database>
std::optional<std::string> meta_value(Database& db, const std::string& key) {
    auto row = db.ask(select_meta, key);
    return row.step() ? std::optional{row.text(0)} : std::nullopt;
}

template <class Database>
void set_meta(Database& db, const std::string& key, const std::string& value) {
    db.change(upsert_meta, key, value);
}

#define PARLEY_ACCOUNTS_IN(Database)                                                             \
    template std::size_t count_users(Database&);                                                 \
    template result<stored_user> create_user(Database&, const stored_user&,                      \
                                             const std::optional<secret_hash>&, std::int64_t);   \
    template std::optional<stored_user> find_user(Database&, const std::string&);                \
    template std::optional<stored_user> find_user(Database&, user_id);                           \
    template result<std::vector<login_id>> set_password(Database&, user_id, const std::string&); \
    template result<std::vector<login_id>> disable_user(Database&, user_id);                     \
    template void add_login(Database&, const stored_login&, const secret_hash&);                 \
    template std::optional<account_store::signed_in> find_login(Database&, const secret_hash&,   \
                                                                std::int64_t);                   \
    template bool end_login(Database&, user_id, login_id);                                       \
    template ended_logins logins_ended_since(Database&, std::int64_t);                           \
    template std::vector<stored_login> list_tokens(Database&, user_id);                          \
    template void add_invite(Database&, const stored_invite&, const secret_hash&);               \
    template std::vector<stored_invite> list_invites(Database&, std::int64_t);                   \
    template bool drop_invite(Database&, login_id);                                              \
    template std::optional<std::string> meta_value(Database&, const std::string&);               \
    template void set_meta(Database&, const std::string&, const std::string&);
PARLEY_ACCOUNTS_IN(sqlite::database)
PARLEY_ACCOUNTS_IN(postgres::connection)
#undef PARLEY_ACCOUNTS_IN

}  // namespace parley::sql
