#include "server/hub/room_fold.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

void room_fold::load(loaded_room snapshot) {
    *this = room_fold{id_};
    // Voids may stand in a room that was never created: its places are taken all the same.
    exists_ = snapshot.exists;
    kind_ = snapshot.kind;
    name_ = std::move(snapshot.name);
    topic_ = std::move(snapshot.topic);
    w_ = snapshot.head;
    fence_ = snapshot.fence;
    people_.reserve(snapshot.members.size());
    for (const auto& member : snapshot.members)
        add_member(member.user, member.since);
    for (auto& event : snapshot.recent) {
        recent_.push_back(std::make_shared<const wire::event>(std::move(event)));
    }
    PARLEY_ASSERT(recent_.empty() || recent_.back()->seq == w_);
}

room_fold::membership room_fold::standing_of(user_id user) const {
    const auto found = people_.find(user);
    return found == people_.end() ? membership{} : found->second;
}

bool room_fold::member(user_id user) const {
    const auto found = people_.find(user);
    return found != people_.end() && found->second.since != 0 && found->second.leaving == 0;
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
    return static_cast<std::uint32_t>(count);
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
        people_[event.id.author].joining = event.seq;
    } else if (event.kind == change_kind::leave) {
        people_[event.id.author].leaving = event.seq;
    }
}

const wire::event& room_fold::settle_next(const wire::void_place* voided) {
    auto event = provisional_.pop_front();
    ++w_;
    if (voided) {
        revert(*event);
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
        revert(event);
        break;
    case change_kind::leave:
        if (std::exchange(people_[user].since, 0) != 0) --members_;
        revert(event);
        break;
    default: break;
    }
}

void room_fold::revert(const wire::event& event) {
    const auto found = people_.find(event.id.author);
    if (found == people_.end()) return;
    auto& person = found->second;
    if (person.joining == event.seq) person.joining = 0;
    if (person.leaving == event.seq) person.leaving = 0;
    if (person.since == 0 && person.joining == 0 && person.leaving == 0) people_.erase(found);
}

void room_fold::add_member(user_id user, std::uint64_t seq) {
    auto& person = people_[user];
    if (person.since != 0) return;
    person.since = seq;
    ++members_;
}

}  // namespace parley
