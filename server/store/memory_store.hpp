#pragma once

#include "server/store/account_store.hpp"
#include "server/store/store.hpp"
#include "shared/base/hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley {

/// Both stores in memory: for tests, benchmarks and `--store memory`. Forgets everything when it is
/// destroyed. Same calls, same answers: nothing depends on a clock, on chance or on addresses.
class memory_store : public room_store, public account_store {
public:
    /// `general` stands from the start, created at `created_ms`.
    explicit memory_store(hash_key payload_key = {}, std::int64_t created_ms = 0);

    [[nodiscard]] hash_key payload_key() const { return payload_key_; }

    /// For tests: events of which `refused` says true are rows that can't be stored.
    void refuse_if(std::function<bool(const wire::event&)> refused);

    // room_store
    [[nodiscard]] result<loaded_room> load_room(room_id id) override;
    [[nodiscard]] result<loaded_page> read_before(room_id id, std::uint64_t before,
                                                  std::size_t limit) override;
    [[nodiscard]] result<loaded_page> read_after(room_id id, std::uint64_t after, std::size_t limit) override;
    [[nodiscard]] result<found_changes> find(room_id id, std::span<const change_id> changes) override;
    [[nodiscard]] result<std::vector<wire::room>> rooms_of(user_id user) override;
    [[nodiscard]] result<listed_rooms> list_rooms(user_id user, const std::string& key,
                                                  std::size_t limit) override;
    [[nodiscard]] result<listed_members> list_members(room_id id, const std::string& key,
                                                      std::size_t limit) override;
    [[nodiscard]] result<std::uint64_t> raise_epoch(std::int64_t wall_ms, std::uint64_t chance) override;
    [[nodiscard]] commit_outcome commit(const commit_batch& batch,
                                        std::span<const settled_void> voided) override;

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
    /// Shared with the log entry that it was placed by, unless it became a void.
    struct place {
        std::shared_ptr<const wire::event> event;
        std::uint64_t hash = 0;
    };

    struct room {
        bool created = false;
        std::string name;
        std::string topic;
        user_id creator;
        std::uint64_t fence = 0;
        std::deque<place> log;  ///< the event at `seq` is log[seq - 1]
        std::map<user_id, stored_member> members;
        std::map<user_id, std::uint64_t> read;

        [[nodiscard]] std::uint64_t head() const { return log.size(); }
    };

    [[nodiscard]] const room* find_room(room_id id) const;
    [[nodiscard]] bool refuses(const wire::event& event, std::span<const settled_void> voided) const;
    std::optional<settled_void> put(const log_entry_ptr& entry, std::span<const settled_void> voided);
    static void fold(room& in, const wire::event& event);
    void mark(const read_mark& mark);
    [[nodiscard]] wire::room tell(room_id id, const room& from, user_id asking) const;
    std::vector<login_id> end_all(user_id user);
    void remember_ended(login_id id);

    mutable std::mutex mutex_;
    hash_key payload_key_;
    std::uint64_t epoch_ = 1;
    std::function<bool(const wire::event&)> refused_;
    std::map<room_id, room> rooms_;
    boost::unordered_flat_map<change_id, std::pair<room_id, std::uint64_t>, id_hash>
        changes_;  ///< never iterated

    std::map<std::string, stored_user> users_;  ///< by name
    std::map<user_id, std::string> names_;
    std::map<secret_hash, stored_login> logins_;
    std::map<secret_hash, stored_invite> invites_;
    std::deque<login_id> ended_;
    std::int64_t forgotten_ = 0;  ///< how many logins ended before the first of `ended_`
};

}  // namespace parley
