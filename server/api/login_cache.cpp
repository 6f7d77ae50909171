#include "server/api/login_cache.hpp"

namespace parley {

std::optional<account_store::signed_in> login_cache::find(const secret_hash& secret, std::int64_t now_ms) {
    const std::lock_guard lock{mutex_};
    const auto found = by_secret_.find(secret);
    if (found == by_secret_.end()) return std::nullopt;
    const auto at = found->second;
    const auto expires_ms = at->who.login.expires_ms;
    if (expires_ms != 0 && expires_ms <= now_ms) {
        drop(at);
        return std::nullopt;
    }
    by_use_.splice(by_use_.begin(), by_use_, at);
    return at->who;
}

std::uint64_t login_cache::round() const {
    const std::lock_guard lock{mutex_};
    return round_;
}

void login_cache::put(const secret_hash& secret, const account_store::signed_in& who, std::uint64_t round) {
    const std::lock_guard lock{mutex_};
    if (round != round_ || by_secret_.contains(secret)) return;
    by_use_.push_front({secret, who});
    by_secret_[secret] = by_use_.begin();
    by_login_[who.login.id] = by_use_.begin();
    if (by_use_.size() > most_) drop(std::prev(by_use_.end()));
}

void login_cache::end(const std::vector<login_id>& logins) {
    const std::lock_guard lock{mutex_};
    ++round_;
    for (const auto& login : logins) {
        const auto found = by_login_.find(login);
        if (found != by_login_.end()) drop(found->second);
    }
}

void login_cache::drop(place at) {
    by_secret_.erase(at->secret);
    by_login_.erase(at->who.login.id);
    by_use_.erase(at);
}

}  // namespace parley
