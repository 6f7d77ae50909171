#include "shared/client/patch.hpp"

#include "shared/client/local_names.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

namespace fb = flatbuffers;
using builder = fb::FlatBufferBuilder;
template <class T>
using vector_offset = fb::Offset<fb::Vector<fb::Offset<T>>>;

bool same(const client_status& a, const client_status& b) {
    return a.connection == b.connection && a.attempt == b.attempt && a.attempts == b.attempts &&
           a.next_ms == b.next_ms && a.health == b.health && a.round_trip_ms == b.round_trip_ms &&
           a.signed_in == b.signed_in && a.memory_only == b.memory_only && a.device_full == b.device_full &&
           a.outbox == b.outbox && a.send_at_ms == b.send_at_ms;
}

bool same_item(const room_view& a, const room_view& b) {
    return a.id == b.id && a.name == b.name && a.topic == b.topic && a.members == b.members &&
           a.unread == b.unread && a.joined == b.joined && a.joining == b.joining &&
           a.may_leave == b.may_leave && a.caught_up == b.caught_up;
}

bool same_items(const std::vector<room_view>& a, const std::vector<room_view>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_item);
}

bool same_frame(const room_view& a, const room_view& b) {
    return a.id == b.id && a.head == b.head && a.w == b.w && a.read == b.read && a.held_from == b.held_from &&
           a.loading_older == b.loading_older && a.draft == b.draft;
}

bool same_row(const row_view& a, const row_view& b) {
    return a.change == b.change && a.seq == b.seq && a.ordinal == b.ordinal && a.committed == b.committed &&
           a.mine == b.mine && a.withdrawn == b.withdrawn && a.dimmed == b.dimmed && a.state == b.state &&
           a.reason == b.reason && a.saved == b.saved && a.kind == b.kind && a.author_name == b.author_name &&
           a.name == b.name && a.text == b.text && a.time_ms == b.time_ms;
}

bool same_members(const std::vector<wire::member>& a, const std::vector<wire::member>& b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const wire::member& x, const wire::member& y) { return x.user == y.user && x.name == y.name; });
}

struct row_changes {
    std::vector<const row_view*> put;
    std::vector<change_id> gone;
};

std::vector<const row_view*> by_change(const std::vector<row_view>& rows) {
    std::vector<const row_view*> sorted;
    sorted.reserve(rows.size());
    for (const auto& row : rows)
        sorted.push_back(&row);
    std::sort(sorted.begin(), sorted.end(),
              [](const row_view* a, const row_view* b) { return a->change < b->change; });
    return sorted;
}

/// Mostly rows are added at the end, so the common beginning is skipped without sorting anything.
row_changes compare(const std::vector<row_view>& before, const std::vector<row_view>& now) {
    std::size_t common = 0;
    while (common < before.size() && common < now.size() && same_row(before[common], now[common]))
        ++common;
    const auto rest = [&](const std::vector<row_view>& rows) {
        return std::vector<row_view>(rows.begin() + static_cast<std::ptrdiff_t>(common), rows.end());
    };
    row_changes changes;
    if (common == before.size()) {
        for (std::size_t i = common; i < now.size(); ++i)
            changes.put.push_back(&now[i]);
        return changes;
    }
    const auto old_rows = rest(before);
    const auto old_ones = by_change(old_rows);
    const auto find = [](const std::vector<const row_view*>& rows,
                         const change_id& change) -> const row_view* {
        const auto it =
            std::lower_bound(rows.begin(), rows.end(), change,
                             [](const row_view* row, const change_id& c) { return row->change < c; });
        return it != rows.end() && (*it)->change == change ? *it : nullptr;
    };
    for (std::size_t i = common; i < now.size(); ++i) {
        const auto* old = find(old_ones, now[i].change);
        if (!old || !same_row(*old, now[i])) changes.put.push_back(&now[i]);
    }
    auto new_ones = by_change(now);
    for (const auto* old : old_ones)
        if (!find(new_ones, old->change)) changes.gone.push_back(old->change);
    return changes;
}

fb::Offset<local::row> put(builder& b, const row_view& row) {
    return local::CreaterowDirect(b, change_text(row.change).c_str(), static_cast<double>(row.seq),
                                  static_cast<double>(row.ordinal), row.committed, row.mine, row.withdrawn,
                                  row.dimmed, static_cast<local::op_state>(row.state),
                                  code_text(row.reason).c_str(), sentence_text(row.reason).c_str(), row.saved,
                                  static_cast<local::row_kind>(row.kind), row.author_name.c_str(),
                                  row.name.c_str(), row.text.c_str(), static_cast<double>(row.time_ms));
}

fb::Offset<local::room_item> put(builder& b, const room_view& room) {
    return local::Createroom_itemDirect(b, id_text(room.id).c_str(), room.name.c_str(), room.topic.c_str(),
                                        room.members, room.unread, room.joined, room.joining, room.may_leave,
                                        room.caught_up);
}

fb::Offset<local::listed_room> put(builder& b, const wire::room& room) {
    return local::Createlisted_roomDirect(b, id_text(room.id).c_str(), room.name.c_str(), room.topic.c_str(),
                                          room.members, room.joined);
}

fb::Offset<local::member_item> put(builder& b, const wire::member& member) {
    return local::Createmember_itemDirect(b, id_text(member.user).c_str(), member.name.c_str());
}

template <class Item>
auto put_all(builder& b, const std::vector<Item>& items) {
    using offset = decltype(put(b, items.front()));
    std::vector<offset> offsets;
    offsets.reserve(items.size());
    for (const auto& item : items)
        offsets.push_back(put(b, item));
    return b.CreateVector(offsets);
}

vector_offset<local::row> put_rows(builder& b, const std::vector<const row_view*>& rows) {
    std::vector<fb::Offset<local::row>> offsets;
    offsets.reserve(rows.size());
    for (const auto* row : rows)
        offsets.push_back(put(b, *row));
    return b.CreateVector(offsets);
}

vector_offset<fb::String> put_changes(builder& b, const std::vector<change_id>& changes) {
    std::vector<fb::Offset<fb::String>> offsets;
    for (const auto& change : changes)
        offsets.push_back(b.CreateString(change_text(change)));
    return b.CreateVector(offsets);
}

}  // namespace

void patch_maker::drawn(std::uint64_t number) {
    if (number == number_) under_way_ = false;
}

patch_maker::picture patch_maker::look(client& core, const client_status& status,
                                       const std::string& user_name, const sync& rooms) {
    picture now;
    now.status = status;
    now.user_name = user_name;
    for (const auto* room : core.rooms()) {
        room_view item;
        item.id = room->id;
        item.name = room->name;
        item.topic = room->topic;
        item.members = room->members;
        item.unread = room->unread;
        item.joined = room->joined;
        item.joining = room->joining;
        item.may_leave = room->may_leave;
        item.caught_up = room->caught_up;
        now.rooms.push_back(std::move(item));
    }
    if (const auto* members = core.members(rooms.shown())) now.members = *members, now.members_known = true;
    return now;
}

bytes patch_maker::make(client& core, const client_status& status, user_id user, const std::string& user_name,
                        sync& rooms) {
    if (under_way_) return {};
    auto now = look(core, status, user_name, rooms);
    const room_view nothing;
    const auto* held = core.room(rooms.shown());
    const auto& shown = held ? *held : nothing;
    const bool reset = first_ || !(shown.id == shown_.id);
    const bool shown_changed = reset || shown.version != shown_.version;
    const auto changes =
        shown_changed ? compare(reset ? nothing.rows : shown_.rows, shown.rows) : row_changes{};
    const bool rows_changed = reset || !changes.put.empty() || !changes.gone.empty();
    const bool items_changed = first_ || !same_items(last_.rooms, now.rooms);
    const bool members_changed =
        now.members_known && (reset || !last_.members_known || !same_members(last_.members, now.members));
    const bool anything = rows_changed || items_changed || members_changed || rooms.listing_changed() ||
                          !same(last_.status, now.status) || !same_frame(shown_, shown) ||
                          last_.user_name != now.user_name;
    if (!anything) return {};

    builder b{1024};
    const auto items = items_changed ? put_all(b, now.rooms) : vector_offset<local::room_item>{};
    const auto rows = rows_changed ? put_rows(b, changes.put) : vector_offset<local::row>{};
    const auto gone = changes.gone.empty() ? vector_offset<fb::String>{} : put_changes(b, changes.gone);
    const auto members = members_changed ? put_all(b, now.members) : vector_offset<local::member_item>{};
    const auto listing =
        rooms.listing_changed() ? put_all(b, rooms.listing().rooms) : vector_offset<local::listed_room>{};
    const auto listing_key = b.CreateString(rooms.listing().key);
    const auto user_text = b.CreateString(id_text(user));
    const auto name_text = b.CreateString(now.user_name);
    const auto shown_text = b.CreateString(id_text(shown.id));
    const auto draft = b.CreateString(shown.draft);
    const auto patch = local::Createview_patch(
        b, ++number_, static_cast<local::connection>(status.connection), status.attempt, status.attempts,
        static_cast<double>(status.next_ms), static_cast<local::health>(status.health),
        static_cast<double>(status.round_trip_ms), user_text, name_text, status.signed_in, status.memory_only,
        status.device_full, static_cast<std::uint32_t>(status.outbox), static_cast<double>(status.send_at_ms),
        items, shown_text, reset, rows, gone, static_cast<double>(shown.head), static_cast<double>(shown.w),
        static_cast<double>(shown.read), static_cast<double>(shown.held_from), shown.loading_older, draft,
        members, listing, rooms.listing().more, listing_key);
    b.Finish(local::Createview_out(b, patch));
    under_way_ = true;
    first_ = false;
    rooms.listing_drawn();
    last_ = std::move(now);
    if (shown_changed) shown_ = shown;
    return bytes(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
}

}  // namespace parley
