#include "server/store/memory_store.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

namespace {

bool expired(std::int64_t expires_ms, std::int64_t now_ms) {
    return expires_ms != 0 && expires_ms <= now_ms;
}

}  // namespace

result<std::size_t> memory_store::count_users() {
    const std::lock_guard lock{mutex_};
    return users_.size();
}

result<stored_user> memory_store::create_user(const stored_user& user,
                                              const std::optional<secret_hash>& invite, std::int64_t now_ms) {
    const std::lock_guard lock{mutex_};
    if (users_.count(user.name) != 0) return fail(errc::name_taken);
    if (invite) {
        const auto at = invites_.find(*invite);
        if (at == invites_.end() || expired(at->second.expires_ms, now_ms)) return fail(errc::bad_invite);
        invites_.erase(at);
    }
    auto made = user;
    if (users_.empty()) made.role = user_role::owner;
    names_.emplace(made.id, made.name);
    users_.emplace(made.name, made);
    return made;
}

result<std::optional<stored_user>> memory_store::find_user(const std::string& name) {
    const std::lock_guard lock{mutex_};
    const auto at = users_.find(name);
    return at == users_.end() ? std::optional<stored_user>{} : at->second;
}

result<std::optional<stored_user>> memory_store::find_user(user_id id) {
    const std::lock_guard lock{mutex_};
    const auto name = names_.find(id);
    return name == names_.end() ? std::optional<stored_user>{} : users_.at(name->second);
}

result<std::vector<login_id>> memory_store::set_password(user_id id, const std::string& hash) {
    const std::lock_guard lock{mutex_};
    const auto name = names_.find(id);
    if (name == names_.end()) return fail(errc::not_found);
    users_.at(name->second).password_hash = hash;
    return end_all(id);
}

result<std::vector<login_id>> memory_store::disable_user(user_id id) {
    const std::lock_guard lock{mutex_};
    const auto name = names_.find(id);
    if (name == names_.end()) return fail(errc::not_found);
    users_.at(name->second).disabled = true;
    return end_all(id);
}

std::vector<login_id> memory_store::end_all(user_id user) {
    std::vector<login_id> out;
    for (auto at = logins_.begin(); at != logins_.end();) {
        if (at->second.user == user) {
            out.push_back(at->second.id);
            at = logins_.erase(at);
        } else {
            ++at;
        }
    }
    std::sort(out.begin(), out.end());
    for (const auto& id : out)
        remember_ended(id);
    return out;
}

void memory_store::remember_ended(login_id id) {
    ended_.push_back(id);
    if (ended_.size() <= limits::ended_logins) return;
    ended_.pop_front();
    ++forgotten_;
}

result<void> memory_store::add_login(const stored_login& login, const secret_hash& secret) {
    const std::lock_guard lock{mutex_};
    for (auto at = logins_.begin(); at != logins_.end();)
        at = expired(at->second.expires_ms, login.created_ms) ? logins_.erase(at) : std::next(at);
    logins_.insert_or_assign(secret, login);
    return {};
}

result<std::optional<account_store::signed_in>> memory_store::find_login(const secret_hash& secret,
                                                                         std::int64_t now_ms) {
    const std::lock_guard lock{mutex_};
    const auto at = logins_.find(secret);
    if (at == logins_.end() || expired(at->second.expires_ms, now_ms)) return std::optional<signed_in>{};
    const auto name = names_.find(at->second.user);
    if (name == names_.end()) return std::optional<signed_in>{};
    const auto& user = users_.at(name->second);
    return user.disabled ? std::optional<signed_in>{} : signed_in{at->second, user};
}

result<bool> memory_store::end_login(user_id user, login_id id) {
    const std::lock_guard lock{mutex_};
    const auto at = std::find_if(logins_.begin(), logins_.end(), [&](const auto& known) {
        return known.second.user == user && known.second.id == id;
    });
    if (at == logins_.end()) return false;
    logins_.erase(at);
    remember_ended(id);
    return true;
}

result<ended_logins> memory_store::logins_ended_since(std::int64_t cursor) {
    const std::lock_guard lock{mutex_};
    ended_logins out;
    out.cursor = forgotten_ + static_cast<std::int64_t>(ended_.size());
    if (cursor < 0) return out;
    for (auto at = std::max(cursor, forgotten_); at < out.cursor; ++at)
        out.logins.push_back(ended_[static_cast<std::size_t>(at - forgotten_)]);
    return out;
}

result<std::vector<stored_login>> memory_store::list_tokens(user_id user) {
    const std::lock_guard lock{mutex_};
    std::vector<stored_login> out;
    for (const auto& [secret, login] : logins_)
        if (login.user == user && login.kind == login_kind::token) out.push_back(login);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return out;
}

result<void> memory_store::add_invite(const stored_invite& invite, const secret_hash& secret) {
    const std::lock_guard lock{mutex_};
    for (auto at = invites_.begin(); at != invites_.end();)
        at = expired(at->second.expires_ms, invite.created_ms) ? invites_.erase(at) : std::next(at);
    invites_.insert_or_assign(secret, invite);
    return {};
}

result<std::vector<stored_invite>> memory_store::list_invites(std::int64_t now_ms) {
    const std::lock_guard lock{mutex_};
    std::vector<stored_invite> out;
    for (const auto& [secret, invite] : invites_)
        if (!expired(invite.expires_ms, now_ms)) out.push_back(invite);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return out;
}

result<bool> memory_store::drop_invite(login_id id) {
    const std::lock_guard lock{mutex_};
    const auto at = std::find_if(invites_.begin(), invites_.end(),
                                 [&](const auto& known) { return known.second.id == id; });
    if (at == invites_.end()) return false;
    invites_.erase(at);
    return true;
}

}  // namespace parley
