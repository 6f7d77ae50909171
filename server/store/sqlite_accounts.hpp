#pragma once

#include "server/store/account_store.hpp"
#include "server/store/sqlite_database.hpp"

#include <optional>
#include <string>
#include <vector>

/// What `account_store` promises, on one connection: to be run in a transaction each; all throw `failure`.
/// Those that end logins are also called by other processes than the server, which notices through
/// `ended_logins`.
namespace parley::sqlite {

[[nodiscard]] std::size_t count_users(database& db);
[[nodiscard]] result<stored_user> create_user(database& db, const stored_user& user,
                                              const std::optional<secret_hash>& invite, std::int64_t now_ms);
[[nodiscard]] std::optional<stored_user> find_user(database& db, const std::string& name);
[[nodiscard]] std::optional<stored_user> find_user(database& db, user_id id);
[[nodiscard]] result<std::vector<login_id>> set_password(database& db, user_id id, const std::string& hash);
[[nodiscard]] result<std::vector<login_id>> disable_user(database& db, user_id id);

void add_login(database& db, const stored_login& login, const secret_hash& secret);
[[nodiscard]] std::optional<account_store::signed_in> find_login(database& db, const secret_hash& secret,
                                                                 std::int64_t now_ms);
[[nodiscard]] bool end_login(database& db, user_id user, login_id id);
[[nodiscard]] ended_logins logins_ended_since(database& db, std::int64_t cursor);
[[nodiscard]] std::vector<stored_login> list_tokens(database& db, user_id user);

void add_invite(database& db, const stored_invite& invite, const secret_hash& secret);
[[nodiscard]] std::vector<stored_invite> list_invites(database& db, std::int64_t now_ms);
[[nodiscard]] bool drop_invite(database& db, login_id id);

[[nodiscard]] std::optional<std::string> meta_value(database& db, const std::string& key);
void set_meta(database& db, const std::string& key, const std::string& value);

}  // namespace parley::sqlite
