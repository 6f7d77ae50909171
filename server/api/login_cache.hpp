#pragma once

#include "server/store/account_store.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace parley {

/// The logins that were used last, so that an upgrade or a request need not ask the database. Thread-safe.
///
///     const auto round = cache.round();        // before the database is asked
///     const auto found = accounts.find_login(secret, now);
///     cache.put(secret, *found, round);        // does nothing if a login was ended meanwhile
class login_cache {
public:
    explicit login_cache(std::size_t most) : most_(most) {}

    /// None: not known, or expired.
    [[nodiscard]] std::optional<account_store::signed_in> find(const secret_hash& secret,
                                                               std::int64_t now_ms);

    /// Changes whenever logins are ended.
    [[nodiscard]] std::uint64_t round() const;

    void put(const secret_hash& secret, const account_store::signed_in& who, std::uint64_t round);

    void end(const std::vector<login_id>& logins);

private:
    struct entry {
        secret_hash secret;
        account_store::signed_in who;
    };

    using place = std::list<entry>::iterator;

    void drop(place at);

    const std::size_t most_;
    mutable std::mutex mutex_;
    std::list<entry> by_use_;  ///< the last used first
    std::map<secret_hash, place> by_secret_;
    std::map<login_id, place> by_login_;
    std::uint64_t round_ = 0;
};

}  // namespace parley
