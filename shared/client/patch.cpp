#include "shared/client/patch.hpp"

#include "shared/base/ordered.hpp"
#include "shared/client/local_names.hpp"
#include "shared/wire/offsets.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

namespace fb = flatbuffers;
using builder = fb::FlatBufferBuilder;
template <class T>
using vector_offset = fb::Offset<fb::Vector<fb::Offset<T>>>;

void add(std::string& all, std::uint64_t number) {
    all.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void add(std::string& all, std::string_view text) {
    add(all, text.size());
    all.append(text.data(), text.size());
}

void add(std::string& all, const ulid& id) {
    add(all, id.hi);
    add(all, id.lo);
}

/// All that is given, so that what is told can be compared with what was told before.
template <class... Parts>
void add_all(std::string& all, const Parts&... parts) {
    (add(all, parts), ...);
}

std::uint64_t as_bits(std::int64_t number) {
    return static_cast<std::uint64_t>(number);
}

std::string told_of(const client_status& status, const std::string& user_name) {
    std::string all;
    add_all(all, static_cast<std::uint64_t>(status.connection), status.attempt, status.attempts,
            as_bits(status.next_ms), static_cast<std::uint64_t>(status.health), as_bits(status.round_trip_ms),
            status.signed_in, status.memory_only, status.device_full, status.outbox,
            as_bits(status.send_at_ms), user_name);
    return all;
}

std::string told_of(const std::vector<const room_view*>& rooms) {
    std::string all;
    for (const auto* room : rooms)
        add_all(all, room->id.value, room->name, room->topic, room->members, room->unread, room->joined,
                room->joining, room->may_leave, room->caught_up);
    return all;
}

std::string told_of(const room_view& shown) {
    std::string all;
    add_all(all, shown.id.value, shown.head, shown.w, shown.read, shown.held_from, shown.loading_older,
            shown.draft);
    return all;
}

std::string told_of(const std::vector<wire::member>& members) {
    std::string all;
    add(all, members.size());
    for (const auto& member : members)
        add_all(all, member.user.value, member.name);
    return all;
}

bool same_row(const row_view& a, const row_view& b) {
    return a.change == b.change && a.seq == b.seq && a.ordinal == b.ordinal && a.committed == b.committed &&
           a.mine == b.mine && a.withdrawn == b.withdrawn && a.dimmed == b.dimmed && a.state == b.state &&
           a.reason == b.reason && a.saved == b.saved && a.kind == b.kind && a.author_name == b.author_name &&
           a.name == b.name && a.text == b.text && a.time_ms == b.time_ms;
}

struct row_changes {
    std::vector<const row_view*> put;
    std::vector<change_id> gone;
};

bool by_change(const row_view* a, const row_view* b) {
    return a->change < b->change;
}

/// Those from the place `first` on.
std::vector<const row_view*> sorted(const std::vector<row_view>& rows, std::size_t first) {
    std::vector<const row_view*> all;
    for (std::size_t i = first; i < rows.size(); ++i)
        all.push_back(&rows[i]);
    sort(all, by_change);
    return all;
}

const row_view* find(const std::vector<const row_view*>& sorted_rows, const row_view& row) {
    const auto it = std::lower_bound(sorted_rows.begin(), sorted_rows.end(), &row, by_change);
    return it != sorted_rows.end() && (*it)->change == row.change ? *it : nullptr;
}

/// Mostly rows are added at the end, so the common beginning is skipped without sorting anything.
row_changes compare(const std::vector<row_view>& before, const std::vector<row_view>& now) {
    std::size_t common = 0;
    while (common < before.size() && common < now.size() && same_row(before[common], now[common]))
        ++common;
    row_changes changes;
    const auto old_ones = sorted(before, common);
    for (std::size_t i = common; i < now.size(); ++i) {
        const auto* old = find(old_ones, now[i]);
        if (!old || !same_row(*old, now[i])) changes.put.push_back(&now[i]);
    }
    if (old_ones.empty()) return changes;
    const auto new_ones = sorted(now, 0);
    for (const auto* old : old_ones)
        if (!find(new_ones, *old)) changes.gone.push_back(old->change);
    return changes;
}

fb::Offset<local::row> put(builder& b, const row_view* row) {
    const auto change = b.CreateString(change_text(row->change));
    const auto author = b.CreateString(row->author_name);
    const auto name = b.CreateString(row->name);
    const auto text = b.CreateString(row->text);
    const auto room = b.CreateString(id_text(row->room));
    return local::Createrow(b, change, static_cast<double>(row->seq), static_cast<double>(row->ordinal),
                            row->committed, row->mine, row->withdrawn, row->dimmed,
                            static_cast<local::op_state>(row->state), number_of(row->reason), row->saved,
                            static_cast<local::row_kind>(row->kind), author, name, text,
                            static_cast<double>(row->time_ms), room);
}

fb::Offset<fb::String> put(builder& b, const change_id& change) {
    return b.CreateString(change_text(change));
}

fb::Offset<local::room_item> put(builder& b, const room_view* room) {
    const auto id = b.CreateString(id_text(room->id));
    const auto name = b.CreateString(room->name);
    const auto topic = b.CreateString(room->topic);
    return local::Createroom_item(b, id, name, topic, room->members, room->unread, room->joined,
                                  room->joining, room->may_leave, room->caught_up);
}

fb::Offset<local::listed_room> put(builder& b, const wire::room& room) {
    const auto id = b.CreateString(id_text(room.id));
    const auto name = b.CreateString(room.name);
    const auto topic = b.CreateString(room.topic);
    return local::Createlisted_room(b, id, name, topic, room.members, room.joined);
}

fb::Offset<local::member_item> put(builder& b, const wire::member& member) {
    const auto id = b.CreateString(id_text(member.user));
    const auto name = b.CreateString(member.name);
    return local::Createmember_item(b, id, name);
}

template <class Table, class Item>
vector_offset<Table> put_all(builder& b, const std::vector<Item>& items) {
    wire::offsets all{items.size()};
    for (const auto& item : items)
        all.add(put(b, item));
    return all.put<Table>(b);
}

}  // namespace

void patch_maker::drawn(std::uint64_t number) {
    if (number == number_) under_way_ = false;
}

bytes patch_maker::make(client& core, const client_status& status, user_id user, const std::string& user_name,
                        sync& rooms) {
    if (under_way_) return {};
    const auto all = core.rooms();
    const auto* members = core.members(rooms.shown());
    const room_view nothing;
    const auto* held = core.room(rooms.shown());
    const auto& shown = held ? *held : nothing;
    picture now{told_of(status, user_name), told_of(all), told_of(shown),
                members ? told_of(*members) : std::string()};

    const bool reset = first_ || !(shown.id == shown_);
    const bool shown_changed = reset || shown.version != version_;
    const auto changes = shown_changed ? compare(reset ? nothing.rows : rows_, shown.rows) : row_changes{};
    auto own = core.outbox();
    const auto ops = compare(ops_, own);
    const bool ops_changed = !ops.put.empty() || !ops.gone.empty();
    const bool rows_changed = reset || !changes.put.empty() || !changes.gone.empty();
    const bool items_changed = first_ || last_.rooms != now.rooms;
    const bool members_changed = members && (reset || last_.members != now.members);
    const bool anything = rows_changed || ops_changed || items_changed || members_changed ||
                          rooms.listing_changed() || last_.status != now.status || last_.shown != now.shown;
    if (!anything) return {};

    builder b{1024};
    const auto items = items_changed ? put_all<local::room_item>(b, all) : vector_offset<local::room_item>{};
    const auto rows = rows_changed ? put_all<local::row>(b, changes.put) : vector_offset<local::row>{};
    const auto gone =
        changes.gone.empty() ? vector_offset<fb::String>{} : put_all<fb::String>(b, changes.gone);
    const auto ops_put = put_all<local::row>(b, ops.put);
    const auto ops_gone = put_all<fb::String>(b, ops.gone);
    const auto member_items =
        members_changed ? put_all<local::member_item>(b, *members) : vector_offset<local::member_item>{};
    const auto listing = rooms.listing_changed() ? put_all<local::listed_room>(b, rooms.listing().rooms)
                                                 : vector_offset<local::listed_room>{};
    const auto listing_key = b.CreateString(rooms.listing().key);
    const auto user_text = b.CreateString(id_text(user));
    const auto name_text = b.CreateString(user_name);
    const auto shown_text = b.CreateString(id_text(shown.id));
    const auto draft = b.CreateString(shown.draft);
    const auto patch = local::Createview_patch(
        b, ++number_, static_cast<local::connection>(status.connection), status.attempt, status.attempts,
        static_cast<double>(status.next_ms), static_cast<local::health>(status.health),
        static_cast<double>(status.round_trip_ms), user_text, name_text, status.signed_in, status.memory_only,
        status.device_full, static_cast<std::uint32_t>(status.outbox), static_cast<double>(status.send_at_ms),
        items, shown_text, reset, rows, gone, static_cast<double>(shown.head), static_cast<double>(shown.w),
        static_cast<double>(shown.read), static_cast<double>(shown.held_from), shown.loading_older, draft,
        member_items, listing, rooms.listing().more, listing_key, ops_put, ops_gone);
    b.Finish(local::Createview_out(b, patch));
    under_way_ = true;
    first_ = false;
    rooms.listing_drawn();
    last_ = std::move(now);
    ops_ = std::move(own);
    if (shown_changed) {
        shown_ = shown.id;
        version_ = shown.version;
        rows_ = std::vector<row_view>(shown.rows);
    }
    return bytes(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
}

}  // namespace parley
