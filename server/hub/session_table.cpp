#include "server/hub/session_table.hpp"

#include "shared/base/assert.hpp"

#include <algorithm>

namespace parley {

std::uint64_t user_record::read_of(room_id room) const {
    for (const auto& state : reads) {
        if (state.room == room) return state.read;
    }
    return 0;
}

bool user_record::mark_read(room_id room, std::uint64_t read) {
    for (auto& state : reads) {
        if (state.room != room) continue;
        if (read <= state.read) return false;
        state.read = read;
        return true;
    }
    if (read > 0) reads.push_back({room, read});
    return read > 0;
}

bool session::lives_in(const room& where) const {
    return std::find(live.begin(), live.end(), &where) != live.end();
}

session& session_table::open(const session_opened& fact, const hub_config& config) {
    auto& slot = sessions_[fact.session];
    PARLEY_ASSERT(!slot && fact.session != 0);
    slot = std::make_unique<session>();
    slot->handle = fact.session;
    slot->id = fact.id;
    slot->login = fact.login;
    slot->login_expires_ms = fact.login_expires_ms;
    slot->user = &user(fact.user, fact.name, config);
    if (slot->user->presence == presence::offline) ++online_;
    slot->user->presence = presence::online;
    slot->user->sessions.push_back(slot.get());
    return *slot;
}

session* session_table::find(session_handle handle) const {
    const auto found = sessions_.find(handle);
    return found == sessions_.end() ? nullptr : found->second.get();
}

void session_table::close(session& gone, std::int64_t now_ms) {
    auto& user = *gone.user;
    user.sessions.erase(std::find(user.sessions.begin(), user.sessions.end(), &gone));
    if (user.sessions.empty()) {
        user.presence = presence::leaving;
        user.left_ms = now_ms;
    }
    sessions_.erase(gone.handle);
}

void session_table::end_leave(user_id id, std::int64_t left_by_ms) {
    auto* user = find_user(id);
    if (!user || user->presence != presence::leaving || user->left_ms > left_by_ms) return;
    user->presence = presence::offline;
    --online_;
}

user_record& session_table::user(user_id id, const std::string& name, const hub_config& config) {
    auto& slot = users_[id];
    if (!slot) {
        slot = std::make_unique<user_record>();
        slot->id = id;
        slot->messages = rate_limiter{config.message_burst, config.message_window_ms};
    }
    slot->name = name;
    return *slot;
}

user_record* session_table::find_user(user_id id) const {
    const auto found = users_.find(id);
    return found == users_.end() ? nullptr : found->second.get();
}

void session_table::forget(user_id id, std::int64_t idle_by_ms) {
    const auto found = users_.find(id);
    if (found == users_.end() || !found->second->unused() || found->second->idle_ms > idle_by_ms) return;
    PARLEY_ASSERT(found->second->presence == presence::offline);
    users_.erase(found);
}

std::vector<session*> session_table::all() const {
    std::vector<session*> found;
    found.reserve(sessions_.size());
    for (const auto& [handle, one] : sessions_)
        found.push_back(one.get());
    std::sort(found.begin(), found.end(),
              [](const session* a, const session* b) { return a->handle < b->handle; });
    return found;
}

}  // namespace parley
