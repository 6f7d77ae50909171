#pragma once

#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The port to users, logins and invitations. Secrets reach it only as hashes.
namespace parley {

using secret_hash = std::array<std::uint8_t, 32>;  ///< SHA-256 or BLAKE2b of a random 256-bit secret

enum class user_role : std::uint8_t { member = 0, admin = 1, owner = 2 };

struct stored_user {
    user_id id;
    std::string name;           ///< lower-case, unique
    std::string password_hash;  ///< argon2id in its standard text form
    user_role role = user_role::member;
    bool disabled = false;
    std::int64_t created_ms = 0;
};

enum class login_kind : std::uint8_t { cookie = 0, token = 1 };

struct stored_login {
    login_id id;
    user_id user;
    login_kind kind = login_kind::cookie;
    std::string name;  ///< of a token
    std::int64_t created_ms = 0;
    std::int64_t expires_ms = 0;  ///< 0: never
};

struct stored_invite {
    login_id id;
    user_id made_by;
    std::int64_t created_ms = 0;
    std::int64_t expires_ms = 0;
};

/// Logins that were ended, by whichever process.
struct ended_logins {
    std::vector<login_id> logins;  ///< in the order in which they ended
    std::int64_t cursor = 0;       ///< to ask for the next ones
};

class account_store {
public:
    virtual ~account_store() = default;

    [[nodiscard]] virtual result<std::size_t> count_users() = 0;

    /// In one transaction: takes the name (`name_taken`), uses up the invitation if one is given
    /// (`bad_invite`), makes the first user of all the owner. `now_ms` decides whether the invitation has
    /// expired.
    [[nodiscard]] virtual result<stored_user> create_user(const stored_user& user,
                                                          const std::optional<secret_hash>& invite,
                                                          std::int64_t now_ms) = 0;
    [[nodiscard]] virtual result<std::optional<stored_user>> find_user(const std::string& name) = 0;
    [[nodiscard]] virtual result<std::optional<stored_user>> find_user(user_id id) = 0;
    /// Also ends all of the user's logins; gives those that ended.
    [[nodiscard]] virtual result<std::vector<login_id>> set_password(user_id id, const std::string& hash) = 0;
    [[nodiscard]] virtual result<std::vector<login_id>> disable_user(user_id id) = 0;

    [[nodiscard]] virtual result<void> add_login(const stored_login& login, const secret_hash& secret) = 0;

    /// The login and its user, unless it is expired or the user is disabled.
    struct signed_in {
        stored_login login;
        stored_user user;
    };

    [[nodiscard]] virtual result<std::optional<signed_in>> find_login(const secret_hash& secret,
                                                                      std::int64_t now_ms) = 0;
    /// False: there was none of that user.
    [[nodiscard]] virtual result<bool> end_login(user_id user, login_id id) = 0;
    /// Every login that ended after `cursor` by `set_password`, `disable_user` or `end_login`, those of this
    /// process too. `parleyd reset-password` and `disable-user` are other processes: poll this twice a second
    /// and end the sockets of what it gives. A negative cursor gives no logins, only where to begin. At most
    /// the last `limits::ended_logins` are remembered.
    [[nodiscard]] virtual result<ended_logins> logins_ended_since(std::int64_t cursor) = 0;
    [[nodiscard]] virtual result<std::vector<stored_login>> list_tokens(user_id user) = 0;

    [[nodiscard]] virtual result<void> add_invite(const stored_invite& invite, const secret_hash& secret) = 0;
    [[nodiscard]] virtual result<std::vector<stored_invite>> list_invites(std::int64_t now_ms) = 0;
    [[nodiscard]] virtual result<bool> drop_invite(login_id id) = 0;
};

}  // namespace parley
