#include "server/store/sqlite_accounts.hpp"
#include "server/store/sqlite_store_file.hpp"

namespace parley {

using sqlite::database;

result<std::optional<std::string>> sqlite_store::meta_value(const std::string& key) {
    return file_->read([&](database& db) { return sqlite::meta_value(db, key); });
}

result<void> sqlite_store::set_meta(const std::string& key, const std::string& value) {
    return file_->write([&](database& db) -> result<void> {
        sqlite::set_meta(db, key, value);
        return {};
    });
}

result<std::size_t> sqlite_store::count_users() {
    return file_->read([](database& db) { return sqlite::count_users(db); });
}

result<stored_user> sqlite_store::create_user(const stored_user& user,
                                              const std::optional<secret_hash>& invite, std::int64_t now_ms) {
    return file_->write([&](database& db) { return sqlite::create_user(db, user, invite, now_ms); });
}

result<std::optional<stored_user>> sqlite_store::find_user(const std::string& name) {
    return file_->read([&](database& db) { return sqlite::find_user(db, name); });
}

result<std::optional<stored_user>> sqlite_store::find_user(user_id id) {
    return file_->read([&](database& db) { return sqlite::find_user(db, id); });
}

result<std::vector<login_id>> sqlite_store::set_password(user_id id, const std::string& hash) {
    return file_->write([&](database& db) { return sqlite::set_password(db, id, hash); });
}

result<std::vector<login_id>> sqlite_store::disable_user(user_id id) {
    return file_->write([&](database& db) { return sqlite::disable_user(db, id); });
}

result<void> sqlite_store::add_login(const stored_login& login, const secret_hash& secret) {
    return file_->write([&](database& db) -> result<void> {
        sqlite::add_login(db, login, secret);
        return {};
    });
}

result<std::optional<account_store::signed_in>> sqlite_store::find_login(const secret_hash& secret,
                                                                         std::int64_t now_ms) {
    return file_->read([&](database& db) { return sqlite::find_login(db, secret, now_ms); });
}

result<bool> sqlite_store::end_login(user_id user, login_id id) {
    return file_->write([&](database& db) -> result<bool> { return sqlite::end_login(db, user, id); });
}

result<ended_logins> sqlite_store::logins_ended_since(std::int64_t cursor) {
    return file_->read([&](database& db) { return sqlite::logins_ended_since(db, cursor); });
}

result<std::vector<stored_login>> sqlite_store::list_tokens(user_id user) {
    return file_->read([&](database& db) { return sqlite::list_tokens(db, user); });
}

result<void> sqlite_store::add_invite(const stored_invite& invite, const secret_hash& secret) {
    return file_->write([&](database& db) -> result<void> {
        sqlite::add_invite(db, invite, secret);
        return {};
    });
}

result<std::vector<stored_invite>> sqlite_store::list_invites(std::int64_t now_ms) {
    return file_->read([&](database& db) { return sqlite::list_invites(db, now_ms); });
}

result<bool> sqlite_store::drop_invite(login_id id) {
    return file_->write([&](database& db) -> result<bool> { return sqlite::drop_invite(db, id); });
}

}  // namespace parley
