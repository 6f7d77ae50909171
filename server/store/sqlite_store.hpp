#pragma once

#include "server/store/account_store.hpp"
#include "server/store/store.hpp"
#include "shared/base/hash.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace parley {

struct sqlite_options {
    std::filesystem::path folder;
    std::uint64_t keep_free_bytes = 256 * 1024 * 1024;  ///< with less free, `refusal` says so
    std::size_t readers = 4;
    std::chrono::milliseconds read_time{2'000};        ///< a read that takes longer is interrupted
    std::uint64_t checkpoint_bytes = 4 * 1024 * 1024;  ///< the log is carried into the file beyond
    std::uint64_t truncate_bytes = 64 * 1024 * 1024;   ///< beyond, reads wait until the log is empty again
};

/// Both stores in one SQLite file, `parley.db` in a folder that one server holds at a time.
///
/// What `commit` acknowledged is on the disk. One connection writes; readers have their own and never wait
/// for it. `reset-password`, `disable-user` and `backup` may write and read beside it from other processes
/// (`sqlite_tools.hpp`).
class sqlite_store : public room_store, public account_store {
public:
    /// Makes folder and file if they are missing, brings an older file up to date. Throws std::runtime_error
    /// with one line that names the path and the remedy; a file that is damaged or newer is not touched.
    explicit sqlite_store(sqlite_options options);
    ~sqlite_store() override;

    /// Made by chance with the file, kept for ever.
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

private:
    struct file;
    std::unique_ptr<file> file_;
};

}  // namespace parley
