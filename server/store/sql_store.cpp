#include "server/store/sql_store.hpp"

#include "server/store/list_keys.hpp"
#include "server/store/postgres_link.hpp"
#include "server/store/sql_accounts.hpp"
#include "server/store/sql_lists.hpp"
#include "server/store/sql_rooms.hpp"
#include "server/store/sqlite_store_file.hpp"

namespace parley {

template <class Backend>
sql_store<Backend>::sql_store(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}

template <class Backend>
sql_store<Backend>::~sql_store() = default;

template <class Backend>
hash_key sql_store<Backend>::payload_key() const {
    return backend_->payload_key;
}

template <class Backend>
result<std::optional<std::string>> sql_store<Backend>::meta_value(const std::string& key) {
    return backend_->read([&](auto& db) { return sql::meta_value(db, key); });
}

template <class Backend>
result<void> sql_store<Backend>::set_meta(const std::string& key, const std::string& value) {
    return backend_->write([&](auto& db) -> result<void> {
        sql::set_meta(db, key, value);
        return {};
    });
}

template <class Backend>
result<loaded_room> sql_store<Backend>::load_room(room_id room) {
    return backend_->read([&](auto& db) { return sql::load_room(db, room); });
}

template <class Backend>
result<loaded_page> sql_store<Backend>::read_before(room_id room, std::uint64_t before, std::size_t limit) {
    return backend_->read([&](auto& db) { return sql::read_before(db, room, before, limit); });
}

template <class Backend>
result<loaded_page> sql_store<Backend>::read_after(room_id room, std::uint64_t after, std::size_t limit) {
    return backend_->read([&](auto& db) { return sql::read_after(db, room, after, limit); });
}

template <class Backend>
result<found_changes> sql_store<Backend>::find(room_id room, std::span<const change_id> changes) {
    return backend_->read([&](auto& db) { return sql::find_changes(db, room, changes); });
}

template <class Backend>
result<std::vector<wire::room>> sql_store<Backend>::rooms_of(user_id user) {
    return backend_->read([&](auto& db) { return sql::rooms_of(db, user); });
}

template <class Backend>
result<listed_rooms> sql_store<Backend>::list_rooms(user_id user, const std::string& key, std::size_t limit) {
    const auto after = key.empty() ? room_id{} : room_of_key(key);
    if (!after) return fail(errc::malformed, "key");
    return backend_->read([&](auto& db) { return sql::list_rooms(db, user, *after, limit); });
}

template <class Backend>
result<listed_members> sql_store<Backend>::list_members(room_id room, const std::string& key,
                                                        std::size_t limit) {
    const auto after = key.empty() ? member_key{} : member_of_key(key);
    if (!after) return fail(errc::malformed, "key");
    return backend_->read([&](auto& db) { return sql::list_members(db, room, *after, limit); });
}

template <class Backend>
result<std::uint64_t> sql_store<Backend>::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    return backend_->raise_epoch(wall_ms, chance);
}

template <class Backend>
commit_outcome sql_store<Backend>::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    return backend_->commit(batch, voided);
}

template <class Backend>
void sql_store<Backend>::rest() {
    backend_->rest();
}

template <class Backend>
std::optional<std::string> sql_store<Backend>::refusal() {
    return backend_->refusal();
}

template <class Backend>
result<std::size_t> sql_store<Backend>::count_users() {
    return backend_->read([](auto& db) { return sql::count_users(db); });
}

template <class Backend>
result<stored_user> sql_store<Backend>::create_user(const stored_user& user,
                                                    const std::optional<secret_hash>& invite,
                                                    std::int64_t now_ms) {
    return backend_->write([&](auto& db) { return sql::create_user(db, user, invite, now_ms); });
}

template <class Backend>
result<std::optional<stored_user>> sql_store<Backend>::find_user(const std::string& name) {
    return backend_->read([&](auto& db) { return sql::find_user(db, name); });
}

template <class Backend>
result<std::optional<stored_user>> sql_store<Backend>::find_user(user_id id) {
    return backend_->read([&](auto& db) { return sql::find_user(db, id); });
}

template <class Backend>
result<std::vector<login_id>> sql_store<Backend>::set_password(user_id id, const std::string& hash) {
    return backend_->write([&](auto& db) { return sql::set_password(db, id, hash); });
}

template <class Backend>
result<std::vector<login_id>> sql_store<Backend>::disable_user(user_id id) {
    return backend_->write([&](auto& db) { return sql::disable_user(db, id); });
}

template <class Backend>
result<void> sql_store<Backend>::add_login(const stored_login& login, const secret_hash& secret) {
    return backend_->write([&](auto& db) -> result<void> {
        sql::add_login(db, login, secret);
        return {};
    });
}

template <class Backend>
result<std::optional<account_store::signed_in>> sql_store<Backend>::find_login(const secret_hash& secret,
                                                                               std::int64_t now_ms) {
    return backend_->read([&](auto& db) { return sql::find_login(db, secret, now_ms); });
}

template <class Backend>
result<bool> sql_store<Backend>::end_login(user_id user, login_id id) {
    return backend_->write([&](auto& db) -> result<bool> { return sql::end_login(db, user, id); });
}

template <class Backend>
result<ended_logins> sql_store<Backend>::logins_ended_since(std::int64_t cursor) {
    return backend_->read([&](auto& db) { return sql::logins_ended_since(db, cursor); });
}

template <class Backend>
result<std::vector<stored_login>> sql_store<Backend>::list_tokens(user_id user) {
    return backend_->read([&](auto& db) { return sql::list_tokens(db, user); });
}

template <class Backend>
result<void> sql_store<Backend>::add_invite(const stored_invite& invite, const secret_hash& secret) {
    return backend_->write([&](auto& db) -> result<void> {
        sql::add_invite(db, invite, secret);
        return {};
    });
}

template <class Backend>
result<std::vector<stored_invite>> sql_store<Backend>::list_invites(std::int64_t now_ms) {
    return backend_->read([&](auto& db) { return sql::list_invites(db, now_ms); });
}

template <class Backend>
result<bool> sql_store<Backend>::drop_invite(login_id id) {
    return backend_->write([&](auto& db) -> result<bool> { return sql::drop_invite(db, id); });
}

template class sql_store<sqlite::file>;
template class sql_store<postgres::link>;

}  // namespace parley
