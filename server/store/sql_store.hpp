#pragma once

#include "server/store/account_store.hpp"
#include "server/store/store.hpp"
#include "shared/base/hash.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace parley {

/// Both ports on a database that speaks SQL, whose own part is the `Backend` (`sqlite::file`,
/// `postgres::link`): transactions to read and to write in, the committer's batch, epochs.
template <class Backend>
class sql_store : public room_store, public account_store {
public:
    explicit sql_store(std::unique_ptr<Backend> backend);
    ~sql_store() override;

    /// Made by chance with the store, kept for ever.
    [[nodiscard]] hash_key payload_key() const;

    /// Small texts that belong to the server as a whole, such as the set-up code.
    [[nodiscard]] result<std::optional<std::string>> meta_value(const std::string& key);
    [[nodiscard]] result<void> set_meta(const std::string& key, const std::string& value);

    // room_store
    [[nodiscard]] result<loaded_room> load_room(room_id room) override;
    [[nodiscard]] result<loaded_page> read_before(room_id room, std::uint64_t before,
                                                  std::size_t limit) override;
    [[nodiscard]] result<loaded_page> read_after(room_id room, std::uint64_t after,
                                                 std::size_t limit) override;
    [[nodiscard]] result<found_changes> find(room_id room, std::span<const change_id> changes) override;
    [[nodiscard]] result<std::vector<wire::room>> rooms_of(user_id user) override;
    [[nodiscard]] result<listed_rooms> list_rooms(user_id user, const std::string& key,
                                                  std::size_t limit) override;
    [[nodiscard]] result<listed_members> list_members(room_id room, const std::string& key,
                                                      std::size_t limit) override;
    [[nodiscard]] result<std::uint64_t> raise_epoch(std::int64_t wall_ms, std::uint64_t chance) override;
    [[nodiscard]] commit_outcome commit(const commit_batch& batch,
                                        std::span<const settled_void> voided) override;
    void rest() override;
    [[nodiscard]] std::optional<std::string> refusal() override;

    // account_store
    [[nodiscard]] result<std::size_t> count_users() override;
    [[nodiscard]] result<stored_user> create_user(const stored_user& user,
                                                  const std::optional<secret_hash>& invite,
                                                  std::int64_t now_ms) override;
    [[nodiscard]] result<std::optional<stored_user>> find_user(const std::string& name) override;
    [[nodiscard]] result<std::optional<stored_user>> find_user(user_id id) override;
    [[nodiscard]] result<std::vector<login_id>> set_password(user_id id, const std::string& hash) override;
    [[nodiscard]] result<std::vector<login_id>> disable_user(user_id id) override;
    [[nodiscard]] result<void> add_login(const stored_login& login, const secret_hash& secret) override;
    [[nodiscard]] result<std::optional<signed_in>> find_login(const secret_hash& secret,
                                                              std::int64_t now_ms) override;
    [[nodiscard]] result<bool> end_login(user_id user, login_id id) override;
    [[nodiscard]] result<ended_logins> logins_ended_since(std::int64_t cursor) override;
    [[nodiscard]] result<std::vector<stored_login>> list_tokens(user_id user) override;
    [[nodiscard]] result<void> add_invite(const stored_invite& invite, const secret_hash& secret) override;
    [[nodiscard]] result<std::vector<stored_invite>> list_invites(std::int64_t now_ms) override;
    [[nodiscard]] result<bool> drop_invite(login_id id) override;

protected:
    [[nodiscard]] Backend& backend() { return *backend_; }

private:
    std::unique_ptr<Backend> backend_;
};

}  // namespace parley
