#include "server/store/sql_rooms.hpp"

#include "server/store/postgres_database.hpp"
#include "server/store/sqlite_database.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley::sql {

namespace {

constexpr const char* select_room =
    "SELECT no, kind, name, topic, creator, head, fence FROM rooms WHERE id = ?1";

constexpr const char* select_members =
    "SELECT \"user\", name, since FROM members WHERE room = ?1 ORDER BY since, \"user\"";

// What `event_of` reads. The order of the columns is that of its members.
#define PARLEY_EVENT_COLUMNS                                                                         \
    "SELECT e.seq, e.epoch, e.author, coalesce(e.op, e.repeats), e.author_name, e.time_ms, e.kind, " \
    "e.name, coalesce(m.text, e.text), e.code, e.duplicate_of "                                      \
    "FROM events e LEFT JOIN messages m ON m.room = e.room AND m.seq = e.seq "

constexpr const char* select_before =
    PARLEY_EVENT_COLUMNS "WHERE e.room = ?1 AND e.seq <= ?2 ORDER BY e.seq DESC LIMIT ?3";
constexpr const char* select_after =
    PARLEY_EVENT_COLUMNS "WHERE e.room = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3";
#undef PARLEY_EVENT_COLUMNS

constexpr const char* select_epoch_at = "SELECT epoch FROM events WHERE room = ?1 AND seq = ?2";

constexpr const char* select_change =
    "SELECT seq, epoch, hash, time_ms, kind, code, duplicate_of FROM events "
    "WHERE op = ?1 AND author = ?2 AND room = ?3";

constexpr const char* select_changes =
    "SELECT e.seq, e.epoch, e.hash, e.time_ms, e.kind, e.code, e.duplicate_of, g.i "
    "FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS g(op, author, i) "
    "JOIN events e ON e.op = g.op AND e.author = g.author WHERE e.room = $1";

/// Of the first seven columns of `select_change`.
template <class Rows>
standing standing_of(const Rows& row) {
    return {row.natural(0),
            row.natural(1),
            row.natural(2),
            row.number(3),
            static_cast<change_kind>(row.number(4)),
            static_cast<errc>(row.number(5)),
            row.natural(6)};
}

template <class Rows>
wire::event event_of(const Rows& row, room_id room) {
    wire::event out;
    out.room = room;
    out.seq = row.natural(0);
    out.epoch = row.natural(1);
    out.id = {user_id{row.id(2)}, op_id{row.id(3)}};
    out.author_name = row.text(4);
    out.time_ms = row.number(5);
    out.kind = static_cast<change_kind>(row.number(6));
    out.name = row.text(7);
    out.text = row.text(8);
    out.code = static_cast<errc>(row.number(9));
    out.duplicate_of = row.natural(10);
    return out;
}

/// Rows until there are no more or their text exceeds `most`; at least one if there is any.
template <class Rows>
std::vector<wire::event> events_of(Rows rows, room_id room, std::size_t most) {
    std::vector<wire::event> out;
    for (std::size_t size = 0; rows.step();) {
        auto event = event_of(rows, room);
        size += event.name.size() + event.text.size();
        if (size > most && !out.empty()) break;
        out.push_back(std::move(event));
    }
    return out;
}

struct place {
    std::int64_t no = 0;  ///< 0: nothing stands there
    std::uint64_t head = 0;
};

template <class Database>
place place_of(Database& db, room_id room) {
    auto row = db.ask(select_room, room);
    if (!row.step()) return {};
    return {row.number(0), row.natural(5)};
}

}  // namespace

template <class Database>
loaded_room load_room(Database& db, room_id room) {
    loaded_room out;
    std::int64_t no = 0;
    {
        auto row = db.ask(select_room, room);
        if (!row.step()) return out;
        no = row.number(0);
        out.exists = row.number(1) != 0;
        if (out.exists) out.kind = static_cast<room_kind>(row.number(1));
        out.name = row.text(2);
        out.topic = row.text(3);
        out.creator = user_id{row.id(4)};
        out.head = row.natural(5);
        out.fence = row.natural(6);
    }
    for (auto row = db.ask(select_members, no); row.step();)
        out.members.push_back({user_id{row.id(0)}, row.text(1), row.natural(2)});
    out.recent = events_of(db.ask(select_before, no, out.head, limits::room_recent_events), room,
                           limits::resume_bytes);
    std::reverse(out.recent.begin(), out.recent.end());
    return out;
}

template <class Database>
loaded_page read_before(Database& db, room_id room, std::uint64_t before, std::size_t limit) {
    loaded_page out;
    const auto at = place_of(db, room);
    if (at.no == 0) return out;
    out.head = at.head;
    out.to = before == 0 ? out.head : std::min(before - 1, out.head);
    out.events = events_of(db.ask(select_before, at.no, out.to, limit), room, limits::page_bytes);
    std::reverse(out.events.begin(), out.events.end());
    out.from = out.to - out.events.size();
    out.more = out.from > 0;
    return out;
}

template <class Database>
loaded_page read_after(Database& db, room_id room, std::uint64_t after, std::size_t limit) {
    loaded_page out;
    out.from = out.to = after;
    const auto at = place_of(db, room);
    if (at.no == 0) return out;
    out.head = at.head;
    if (auto row = db.ask(select_epoch_at, at.no, after); row.step()) out.cursor_epoch = row.natural(0);
    out.events = events_of(db.ask(select_after, at.no, after, limit), room, limits::page_bytes);
    out.to += out.events.size();
    out.more = out.to < out.head;
    return out;
}

template <class Database>
found_changes find_changes(Database& db, room_id room, std::span<const change_id> changes) {
    found_changes out;
    const auto at = place_of(db, room);
    out.head = at.head;
    for (const auto& change : changes) {
        auto& answer = out.places.emplace_back();
        auto row = db.ask(select_change, change.op, change.author, at.no);
        if (!row.step()) continue;
        answer = standing_of(row);
    }
    return out;
}

template <>
found_changes find_changes(postgres::connection& db, room_id room, std::span<const change_id> changes) {
    found_changes out;
    const auto at = place_of(db, room);
    out.head = at.head;
    out.places.resize(changes.size());
    postgres::column ops{postgres::column::of::ids}, authors{postgres::column::of::ids};
    for (const auto& change : changes) {
        ops.add(change.op);
        authors.add(change.author);
    }
    for (auto row = db.ask(select_changes, at.no, ops, authors); row.step();)
        out.places[row.natural(7) - 1] = standing_of(row);
    return out;
}

#define PARLEY_ROOMS_IN(Database)                                                     \
    template loaded_room load_room(Database&, room_id);                               \
    template loaded_page read_before(Database&, room_id, std::uint64_t, std::size_t); \
    template loaded_page read_after(Database&, room_id, std::uint64_t, std::size_t);
PARLEY_ROOMS_IN(sqlite::database)
PARLEY_ROOMS_IN(postgres::connection)
template found_changes find_changes(sqlite::database&, room_id, std::span<const change_id>);
#undef PARLEY_ROOMS_IN

}  // namespace parley::sql
