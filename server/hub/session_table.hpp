#pragma once

#include "server/hub/session.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace parley {

/// Sessions and their users. Addresses are stable until `close` and `drop_if_unused`.
class session_table {
public:
    session& open(const session_opened& fact, const hub_config& config);
    [[nodiscard]] session* find(session_handle handle) const;
    /// The user stays online until `end_leave`.
    void close(session& gone, std::int64_t now_ms);
    /// Nothing, if the user came back after that time.
    void end_leave(user_id id, std::int64_t left_by_ms);

    user_record& user(user_id id, const std::string& name, const hub_config& config);
    [[nodiscard]] user_record* find_user(user_id id) const;
    /// Nothing, if the user was here after that time.
    void forget(user_id id, std::int64_t idle_by_ms);

    [[nodiscard]] std::size_t size() const { return sessions_.size(); }

    /// Users with a session, or with one a moment ago.
    [[nodiscard]] std::size_t users_online() const { return online_; }

    /// In order of their handles: for what is told to all.
    [[nodiscard]] std::vector<session*> all() const;

private:
    std::unordered_map<session_handle, std::unique_ptr<session>> sessions_;
    std::unordered_map<user_id, std::unique_ptr<user_record>, id_hash> users_;
    std::size_t online_ = 0;
};

}  // namespace parley
