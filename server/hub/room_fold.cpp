#include "server/hub/room_fold.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

bool room_fold::by_user(const member_entry& a, const member_entry& b) {
    return a.user < b.user;
}

void room_fold::load(loaded_room snapshot) {
    *this = room_fold{id_};
    // Voids may stand in a room that was never created: its places are taken all the same.
    exists_ = snapshot.exists;
    kind_ = snapshot.kind;
    name_ = std::move(snapshot.name);
    topic_ = std::move(snapshot.topic);
    w_ = snapshot.head;
    fence_ = snapshot.fence;
    members_.reserve(snapshot.members.size());
    for (const auto& member : snapshot.members)
        members_.push_back({member.user, member.since});
    std::sort(members_.begin(), members_.end(), by_user);
    for (auto& event : snapshot.recent) {
        recent_.push_back(std::make_shared<const wire::event>(std::move(event)));
    }
    PARLEY_ASSERT(recent_.empty() || recent_.back()->seq == w_);
}

room_fold::membership room_fold::standing_of(user_id user) const {
    membership found;
    if (const auto at = place_of(user); at != members_.end() && at->user == user) found.since = at->since;
    for (const auto& one : changing_) {
        if (!(one.user == user)) continue;
        found.joining = one.joining;
        found.leaving = one.leaving;
    }
    return found;
}

bool room_fold::member(user_id user) const {
    const auto found = standing_of(user);
    return found.since != 0 && found.leaving == 0;
}

std::vector<user_id> room_fold::people() const {
    std::vector<user_id> all;
    for (const auto& one : members_)
        all.push_back(one.user);
    for (const auto& one : changing_)
        all.push_back(one.user);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

const wire::event* room_fold::at(std::uint64_t seq) const {
    if (seq > head() || seq <= recent_from()) return nullptr;
    return seq > w_ ? provisional_[seq - w_ - 1].get() : recent_[seq - recent_from() - 1].get();
}

std::uint32_t room_fold::unread(user_id user, std::uint64_t read) const {
    std::uint64_t count = recent_from() > read ? recent_from() - read : 0;
    for (auto seq = std::max(read, recent_from()) + 1; seq <= w_; ++seq) {
        const auto& event = *at(seq);
        if (event.kind == change_kind::message && event.id.author != user) ++count;
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, limits::unread_most));
}

void room_fold::place(event_ptr event, bool fences) {
    if (event->seq <= head()) return;
    PARLEY_ASSERT(event->seq == head() + 1);
    if (fences) fence_ = event->seq;
    begin(*event);
    provisional_.push_back(std::move(event));
}

void room_fold::begin(const wire::event& event) {
    if (event.kind == change_kind::create || event.kind == change_kind::join) {
        change_of(event.id.author).joining = event.seq;
    } else if (event.kind == change_kind::leave) {
        change_of(event.id.author).leaving = event.seq;
    }
}

const wire::event& room_fold::settle_next(const wire::void_place* voided) {
    auto event = provisional_.pop_front();
    ++w_;
    if (voided) {
        end_change(*event);
        auto gone = std::make_shared<wire::event>(*event);
        gone->kind = change_kind::nothing;
        gone->code = voided->code;
        gone->duplicate_of = voided->duplicate_of;
        gone->name.clear();
        gone->text.clear();
        event = std::move(gone);
    } else {
        commit(*event);
    }
    recent_.push_back(std::move(event));
    return *recent_.back();
}

void room_fold::trim() {
    while (recent_.size() > limits::room_recent_events)
        recent_.pop_front();
}

void room_fold::commit(const wire::event& event) {
    const auto user = event.id.author;
    switch (event.kind) {
    case change_kind::create:
        exists_ = true;
        name_ = event.name;
        topic_ = event.text;
        [[fallthrough]];
    case change_kind::join:
        add_member(user, event.seq);
        end_change(event);
        break;
    case change_kind::leave:
        if (const auto at = place_of(user); at != members_.end() && at->user == user) members_.erase(at);
        end_change(event);
        break;
    default: break;
    }
}

/// The change of membership is provisional no longer.
void room_fold::end_change(const wire::event& event) {
    auto& one = change_of(event.id.author);
    if (one.joining == event.seq) one.joining = 0;
    if (one.leaving == event.seq) one.leaving = 0;
    if (one.joining != 0 || one.leaving != 0) return;
    one = changing_.back();
    changing_.pop_back();
}

void room_fold::add_member(user_id user, std::uint64_t seq) {
    const auto at = place_of(user);
    if (at == members_.end() || !(at->user == user)) members_.insert(at, {user, seq});
}

std::vector<room_fold::member_entry>::const_iterator room_fold::place_of(user_id user) const {
    return std::lower_bound(members_.begin(), members_.end(), member_entry{user, 0}, by_user);
}

room_fold::changing& room_fold::change_of(user_id user) {
    for (auto& one : changing_)
        if (one.user == user) return one;
    return changing_.emplace_back(changing{user, 0, 0});
}

}  // namespace parley
