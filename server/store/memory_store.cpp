#include "server/store/memory_store.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

namespace {

constexpr std::uint32_t unread_most = 999;  ///< counted no further

}  // namespace

memory_store::memory_store() {
    placed_entry made;
    made.event.room = general_room;
    made.event.seq = 1;
    made.event.kind = change_kind::create;
    made.event.name = "general";
    made.event.id = {user_id{}, op_id{general_room.value}};
    commit_outcome ignored;
    add(made, {}, ignored);
    rooms_[general_room].members.clear();
    rooms_of_.clear();
}

result<loaded_room> memory_store::load_room(room_id id) {
    const std::lock_guard lock(mutex_);
    loaded_room out;
    const auto at = rooms_.find(id);
    if (at == rooms_.end()) return out;
    const auto& r = at->second;
    out.exists = true;
    out.name = r.name;
    out.topic = r.topic;
    out.creator = r.creator;
    out.head = r.rows.size();
    out.fence = r.fence;
    for (const auto& [user, member] : r.members)
        out.members.push_back(member);
    std::sort(out.members.begin(), out.members.end(),
              [](const auto& a, const auto& b) { return a.since < b.since; });
    const auto first = r.rows.size() - std::min(r.rows.size(), limits::room_recent_events);
    for (auto i = first; i < r.rows.size(); ++i)
        out.recent.push_back(r.rows[i].event);
    return out;
}

result<loaded_page> memory_store::read_before(room_id id, std::uint64_t before, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    loaded_page out;
    const auto at = rooms_.find(id);
    if (at == rooms_.end()) return out;
    const auto& rows = at->second.rows;
    out.head = rows.size();
    out.to = before == 0 ? out.head : std::min<std::uint64_t>(before - 1, out.head);
    out.from = out.to - std::min<std::uint64_t>(out.to, limit);
    for (auto seq = out.from; seq < out.to; ++seq)
        out.events.push_back(rows[seq].event);
    out.more = out.from > 0;
    return out;
}

result<loaded_page> memory_store::read_after(room_id id, std::uint64_t after, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    loaded_page out;
    out.from = out.to = after;
    const auto at = rooms_.find(id);
    if (at == rooms_.end()) return out;
    const auto& rows = at->second.rows;
    out.head = rows.size();
    if (after > 0 && after <= rows.size()) out.cursor_epoch = rows[after - 1].event.epoch;
    std::size_t size = 0;
    while (out.to < rows.size() && out.events.size() < limit && size < limits::page_bytes) {
        out.events.push_back(rows[out.to++].event);
        size += out.events.back().text.size();
    }
    out.more = out.to < rows.size();
    return out;
}

standing memory_store::standing_of(const change_id& change) const {
    const auto at = places_.find(change);
    if (at == places_.end()) return {};
    const auto& stored = rooms_.at(at->second.first).rows[at->second.second - 1];
    return {stored.event.seq,  stored.event.epoch,       stored.hash, stored.event.time_ms, stored.event.kind,
            stored.event.code, stored.event.duplicate_of};
}

result<found_changes> memory_store::find(room_id id, std::span<const change_id> changes) {
    const std::lock_guard lock(mutex_);
    found_changes out;
    const auto room_at = rooms_.find(id);
    out.head = room_at == rooms_.end() ? 0 : room_at->second.rows.size();
    for (const auto& change : changes) {
        const auto at = places_.find(change);
        out.places.push_back(at != places_.end() && at->second.first == id ? standing_of(change)
                                                                           : standing{});
    }
    return out;
}

wire::room memory_store::told(room_id id, const room& r, user_id to) const {
    wire::room out;
    out.id = id;
    out.name = r.name;
    out.topic = r.topic;
    out.epoch = epoch_;
    out.head = out.w = r.rows.size();
    out.members = static_cast<std::uint32_t>(r.members.size());
    out.joined = r.members.count(to) > 0;
    out.may_leave = !(id == general_room);
    const auto mark = read_marks_.find({to, id});
    out.read = mark == read_marks_.end() ? 0 : mark->second;
    for (auto seq = out.read; out.joined && seq < r.rows.size() && out.unread < unread_most; ++seq)
        out.unread += r.rows[seq].event.kind == change_kind::message && !(r.rows[seq].event.id.author == to);
    return out;
}

result<std::vector<wire::room>> memory_store::rooms_of(user_id user) {
    const std::lock_guard lock(mutex_);
    std::vector<wire::room> out;
    const auto at = rooms_of_.find(user);
    if (at == rooms_of_.end()) return out;
    for (const auto& id : at->second)
        out.push_back(told(id, rooms_.at(id), user));
    return out;
}

result<listed_rooms> memory_store::list_rooms(user_id user, const std::string& key, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    listed_rooms out;
    const auto after = parse_ulid(key);
    auto at = after ? rooms_.upper_bound(room_id{*after}) : rooms_.begin();
    for (; at != rooms_.end() && out.rooms.size() < limit; ++at)
        out.rooms.push_back(told(at->first, at->second, user));
    out.more = at != rooms_.end();
    if (out.more) out.key = to_text(out.rooms.back().id);
    return out;
}

result<listed_members> memory_store::list_members(room_id id, const std::string& key, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    listed_members out;
    const auto at = rooms_.find(id);
    if (at == rooms_.end()) return out;
    std::map<std::string, const stored_member*> by_name;
    for (const auto& [user, member] : at->second.members)
        by_name[member.name] = &member;
    auto next = key.empty() ? by_name.begin() : by_name.upper_bound(key);
    for (; next != by_name.end() && out.members.size() < limit; ++next)
        out.members.push_back({next->second->user, next->second->name, next->second->since});
    out.more = next != by_name.end();
    if (out.more) out.key = out.members.back().name;
    return out;
}

result<std::uint64_t> memory_store::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    const std::lock_guard lock(mutex_);
    const auto by_time = static_cast<std::uint64_t>(wall_ms) * 1000;
    epoch_ = std::max(epoch_, by_time) + 1 + chance % 1000;
    return epoch_;
}

commit_outcome memory_store::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    const std::lock_guard lock(mutex_);
    commit_outcome out;
    if (batch.epoch != epoch_) {
        out.what = commit_outcome::kind::superseded;
        return out;
    }
    out.what = commit_outcome::kind::committed;
    for (const auto& entry : batch.events)
        add(std::get<placed_entry>(*entry), voided, out);
    for (const auto& mark : batch.marks) {
        auto& read = read_marks_[{mark.user, mark.room}];
        read = std::max(read, mark.read);
    }
    return out;
}

void memory_store::add(const placed_entry& placed, std::span<const settled_void> voided,
                       commit_outcome& out) {
    auto& r = rooms_[placed.event.room];
    PARLEY_ASSERT(placed.event.seq == r.rows.size() + 1);
    row stored{placed.event, placed.hash};
    const auto become_void = [&](errc code, std::uint64_t duplicate_of) {
        stored.event.kind = change_kind::nothing;
        stored.event.code = code;
        stored.event.duplicate_of = duplicate_of;
        stored.event.name.clear();
        stored.event.text.clear();
    };

    const auto refused = std::find_if(voided.begin(), voided.end(), [&](const settled_void& v) {
        return v.room == placed.event.room && v.place.seq == placed.event.seq;
    });
    const auto known = places_.find(placed.event.id);
    if (refused != voided.end()) {
        become_void(refused->place.code, refused->place.duplicate_of);
    } else if (known != places_.end()) {
        const auto& first = rooms_.at(known->second.first).rows[known->second.second - 1];
        const bool same = known->second.first == placed.event.room && first.hash == placed.hash;
        become_void(same ? errc::duplicate : errc::conflict, same ? known->second.second : 0);
        out.voids.push_back(
            {placed.event.room, {placed.event.seq, stored.event.code, stored.event.duplicate_of}});
    }
    if (known == places_.end())
        places_.emplace(placed.event.id, std::make_pair(placed.event.room, placed.event.seq));

    const bool takes_effect = stored.event.kind != change_kind::nothing;
    r.rows.push_back(std::move(stored));
    if (!takes_effect) return;
    fold(r, placed);
    auto& joined = rooms_of_[placed.event.id.author];
    if (r.members.count(placed.event.id.author))
        joined.insert(placed.event.room);
    else
        joined.erase(placed.event.room);
}

void memory_store::fold(room& into, const placed_entry& placed) {
    const auto& event = placed.event;
    if (placed.fences) into.fence = event.seq;
    switch (event.kind) {
    case change_kind::create:
        into.name = event.name;
        into.topic = event.text;
        into.creator = event.id.author;
        [[fallthrough]];
    case change_kind::join:
        into.members.emplace(event.id.author, stored_member{event.id.author, event.author_name, event.seq});
        break;
    case change_kind::leave: into.members.erase(event.id.author); break;
    case change_kind::message:
    case change_kind::nothing: break;
    }
}

}  // namespace parley
