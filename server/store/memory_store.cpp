#include "server/store/memory_store.hpp"

#include "server/store/epoch.hpp"
#include "server/store/list_keys.hpp"
#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>
#include <variant>

namespace parley {

namespace {

const settled_void* void_of(const wire::event& event, std::span<const settled_void> voided) {
    const auto found = std::find_if(voided.begin(), voided.end(), [&](const settled_void& v) {
        return v.room == event.room && v.place.seq == event.seq;
    });
    return found == voided.end() ? nullptr : &*found;
}

std::shared_ptr<const wire::event> as_void(wire::event event, errc code, std::uint64_t duplicate_of) {
    event.kind = change_kind::nothing;
    event.name.clear();
    event.text.clear();
    event.code = code;
    event.duplicate_of = duplicate_of;
    return std::make_shared<const wire::event>(std::move(event));
}

bool is_repeat(const wire::event& event) {
    return event.kind == change_kind::nothing &&
           (event.code == errc::duplicate || event.code == errc::conflict);
}

settled_void told_of(const wire::event& event) {
    return {event.room, {event.seq, event.code, event.duplicate_of}};
}

std::size_t size_of(const wire::event& event) {
    return event.name.size() + event.text.size();
}

}  // namespace

memory_store::memory_store(hash_key payload_key, std::int64_t created_ms) : payload_key_(payload_key) {
    wire::event made;
    made.room = general_room;
    made.seq = 1;
    made.epoch = epoch_;
    made.id = {user_id{}, op_id{general_room.value}};
    made.time_ms = created_ms;
    made.kind = change_kind::create;
    made.name = "general";
    put(std::make_shared<const log_entry>(placed_entry{0, made, 0, false}), {});
}

void memory_store::refuse_if(std::function<bool(const wire::event&)> refused) {
    const std::lock_guard lock{mutex_};
    refused_ = std::move(refused);
}

const memory_store::room* memory_store::find_room(room_id id) const {
    const auto at = rooms_.find(id);
    return at == rooms_.end() ? nullptr : &at->second;
}

result<loaded_room> memory_store::load_room(room_id id) {
    const std::lock_guard lock{mutex_};
    loaded_room out;
    const auto* from = find_room(id);
    if (!from) return out;
    out.exists = from->created;
    out.name = from->name;
    out.topic = from->topic;
    out.creator = from->creator;
    out.head = from->head();
    out.fence = from->fence;
    for (const auto& [user, member] : from->members)
        out.members.push_back(member);
    std::stable_sort(out.members.begin(), out.members.end(),
                     [](const auto& a, const auto& b) { return a.since < b.since; });
    const auto first = out.head - std::min<std::uint64_t>(out.head, limits::room_recent_events);
    for (auto at = first; at < out.head; ++at)
        out.recent.push_back(*from->log[at].event);
    return out;
}

result<loaded_page> memory_store::read_before(room_id id, std::uint64_t before, std::size_t limit) {
    const std::lock_guard lock{mutex_};
    loaded_page out;
    const auto* from = find_room(id);
    if (!from) return out;
    out.head = from->head();
    out.to = before == 0 ? out.head : std::min(before - 1, out.head);
    out.from = out.to;
    for (std::size_t size = 0; out.from > 0 && out.events.size() < limit; --out.from) {
        const auto& event = *from->log[out.from - 1].event;
        size += size_of(event);
        if (size > limits::page_bytes && !out.events.empty()) break;
        out.events.push_back(event);
    }
    std::reverse(out.events.begin(), out.events.end());
    out.more = out.from > 0;
    return out;
}

result<loaded_page> memory_store::read_after(room_id id, std::uint64_t after, std::size_t limit) {
    const std::lock_guard lock{mutex_};
    loaded_page out;
    out.from = out.to = after;
    const auto* from = find_room(id);
    if (!from) return out;
    out.head = from->head();
    if (after >= 1 && after <= out.head) out.cursor_epoch = from->log[after - 1].event->epoch;
    for (std::size_t size = 0; out.to < out.head && out.events.size() < limit; ++out.to) {
        const auto& event = *from->log[out.to].event;
        size += size_of(event);
        if (size > limits::page_bytes && !out.events.empty()) break;
        out.events.push_back(event);
    }
    out.more = out.to < out.head;
    return out;
}

result<found_changes> memory_store::find(room_id id, std::span<const change_id> changes) {
    const std::lock_guard lock{mutex_};
    found_changes out;
    const auto* in = find_room(id);
    if (in) out.head = in->head();
    for (const auto& change : changes) {
        auto& answer = out.places.emplace_back();
        const auto at = changes_.find(change);
        if (at == changes_.end() || !(at->second.first == id)) continue;
        const auto& [held, hash] = in->log[at->second.second - 1];
        const auto& event = *held;
        answer = {event.seq, event.epoch, hash, event.time_ms, event.kind, event.code, event.duplicate_of};
    }
    return out;
}

wire::room memory_store::tell(room_id id, const room& from, user_id asking) const {
    wire::room out;
    out.id = id;
    out.name = from.name;
    out.topic = from.topic;
    out.epoch = epoch_;
    out.head = out.w = from.head();
    out.members = static_cast<std::uint32_t>(from.members.size());
    out.may_leave = !(id == general_room);
    const auto member = from.members.find(asking);
    if (member == from.members.end()) return out;
    out.joined = true;
    const auto mark = from.read.find(asking);
    out.read = std::max(member->second.since, mark == from.read.end() ? 0 : mark->second);
    std::size_t looked_at = 0;
    for (auto seq = from.head(); seq > out.read && looked_at < limits::unread_looked_at; --seq) {
        const auto& event = *from.log[seq - 1].event;
        if (event.kind != change_kind::message) continue;
        ++looked_at;
        if (!(event.id.author == asking) && out.unread < limits::unread_most) ++out.unread;
    }
    return out;
}

result<std::vector<wire::room>> memory_store::rooms_of(user_id user) {
    const std::lock_guard lock{mutex_};
    std::vector<wire::room> out;
    for (const auto& [id, from] : rooms_)
        if (from.members.count(user) != 0) out.push_back(tell(id, from, user));
    return out;
}

result<listed_rooms> memory_store::list_rooms(user_id user, const std::string& key, std::size_t limit) {
    const auto after = key.empty() ? room_id{} : room_of_key(key);
    if (!after) return fail(errc::malformed, "key");
    const std::lock_guard lock{mutex_};
    listed_rooms out;
    for (auto at = rooms_.upper_bound(*after); at != rooms_.end(); ++at) {
        if (!at->second.created) continue;
        if (out.rooms.size() == limit) {
            out.more = true;
            break;
        }
        out.rooms.push_back(tell(at->first, at->second, user));
    }
    if (!out.rooms.empty()) out.key = key_of(out.rooms.back());
    return out;
}

result<listed_members> memory_store::list_members(room_id id, const std::string& key, std::size_t limit) {
    const auto after = key.empty() ? member_key{} : member_of_key(key);
    if (!after) return fail(errc::malformed, "key");
    const std::lock_guard lock{mutex_};
    listed_members out;
    const auto* in = find_room(id);
    if (!in) return out;
    std::vector<wire::member> members;
    for (const auto& [user, member] : in->members)
        if (key.empty() || *after < member_key{member.name, user})
            members.push_back({user, member.name, member.since});
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return member_key{a.name, a.user} < member_key{b.name, b.user};
    });
    out.more = members.size() > limit;
    if (out.more) members.resize(limit);
    out.members = std::move(members);
    if (!out.members.empty()) out.key = key_of(out.members.back());
    return out;
}

result<std::uint64_t> memory_store::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    const std::lock_guard lock{mutex_};
    epoch_ = next_epoch(epoch_, wall_ms, chance);
    return epoch_;
}

bool memory_store::refuses(const wire::event& event, std::span<const settled_void> voided) const {
    if (event.time_ms < 0) return true;
    return refused_ && !void_of(event, voided) && refused_(event);
}

commit_outcome memory_store::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    const std::lock_guard lock{mutex_};
    if (batch.epoch != epoch_) return {commit_outcome::kind::superseded, {}, "another epoch is in force"};
    for (const auto& entry : batch.events)
        if (refuses(std::get<placed_entry>(*entry).event, voided))
            return {commit_outcome::kind::row_refused, {}, "the row was refused"};
    commit_outcome out{commit_outcome::kind::committed, {}, {}};
    for (const auto& entry : batch.events)
        if (const auto repeat = put(entry, voided)) out.voids.push_back(*repeat);
    for (const auto& mark : batch.marks)
        this->mark(mark);
    return out;
}

std::optional<settled_void> memory_store::put(const log_entry_ptr& entry,
                                              std::span<const settled_void> voided) {
    const auto& placed = std::get<placed_entry>(*entry);
    std::shared_ptr<const wire::event> event{entry, &placed.event};
    auto& in = rooms_[event->room];
    if (event->seq <= in.head()) {
        const auto& there = *in.log[event->seq - 1].event;
        PARLEY_ASSERT(there.id == event->id && there.epoch == event->epoch);
        return is_repeat(there) ? std::optional{told_of(there)} : std::nullopt;
    }
    PARLEY_ASSERT(event->seq == in.head() + 1);
    std::optional<settled_void> repeat;
    const auto [at, first] = changes_.emplace(event->id, std::make_pair(event->room, event->seq));
    if (!first) {
        const auto& [holder, seq] = at->second;
        const bool same = holder == event->room && in.log[seq - 1].hash == placed.hash;
        event = as_void(*event, same ? errc::duplicate : errc::conflict, same ? seq : 0);
        repeat = told_of(*event);
    } else if (const auto* told = void_of(*event, voided)) {
        event = as_void(*event, told->place.code, told->place.duplicate_of);
    }
    if (placed.fences) in.fence = event->seq;
    fold(in, *event);
    in.log.push_back({std::move(event), placed.hash});
    return repeat;
}

void memory_store::fold(room& in, const wire::event& event) {
    const auto join = [&] {
        in.members.emplace(event.id.author, stored_member{event.id.author, event.author_name, event.seq});
    };
    switch (event.kind) {
    case change_kind::create:
        if (in.created) break;
        in.created = true;
        in.name = event.name;
        in.topic = event.text;
        in.creator = event.id.author;
        if (!event.id.author.is_zero()) join();
        break;
    case change_kind::join: join(); break;
    case change_kind::leave: in.members.erase(event.id.author); break;
    case change_kind::nothing:
    case change_kind::message: break;
    }
}

void memory_store::mark(const read_mark& mark) {
    const auto at = rooms_.find(mark.room);
    if (at == rooms_.end()) return;
    auto& read = at->second.read[mark.user];
    read = std::max(read, std::min(mark.read, at->second.head()));
}

}  // namespace parley
