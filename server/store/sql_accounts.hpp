#pragma once

#include "server/store/account_store.hpp"

#include <optional>
#include <string>
#include <vector>

/// What `account_store` promises, as in sql_rooms.hpp. Those that end logins are also called by other
/// processes than the server, which notices through `ended_logins`.
namespace parley::sql {

template <class Database>
[[nodiscard]] std::size_t count_users(Database& db);
template <class Database>
[[nodiscard]] result<stored_user> create_user(Database& db, const stored_user& user,
                                              const std::optional<secret_hash>& invite, std::int64_t now_ms);
template <class Database>
[[nodiscard]] std::optional<stored_user> find_user(Database& db, const std::string& name);
template <class Database>
[[nodiscard]] std::optional<stored_user> find_user(Database& db, user_id id);
template <class Database>
[[nodiscard]] result<std::vector<login_id>> set_password(Database& db, user_id id, const std::string& hash);
template <class Database>
[[nodiscard]] result<std::vector<login_id>> disable_user(Database& db, user_id id);

template <class Database>
void add_login(Database& db, const stored_login& login, const secret_hash& secret);
template <class Database>
[[nodiscard]] std::optional<account_store::signed_in> find_login(Database& db, const secret_hash& secret,
                                                                 std::int64_t now_ms);
template <class Database>
[[nodiscard]] bool end_login(Database& db, user_id user, login_id id);
template <class Database>
[[nodiscard]] ended_logins logins_ended_since(Database& db, std::int64_t cursor);
template <class Database>
[[nodiscard]] std::vector<stored_login> list_tokens(Database& db, user_id user);

template <class Database>
void add_invite(Database& db, const stored_invite& invite, const secret_hash& secret);
template <class Database>
[[nodiscard]] std::vector<stored_invite> list_invites(Database& db, std::int64_t now_ms);
template <class Database>
[[nodiscard]] bool drop_invite(Database& db, login_id id);

template <class Database>
[[nodiscard]] std::optional<std::string> meta_value(Database& db, const std::string& key);
template <class Database>
void set_meta(Database& db, const std::string& key, const std::string& value);

}  // namespace parley::sql
