#include "server/store/sql_lists.hpp"

#include "server/store/postgres_database.hpp"
#include "server/store/sqlite_database.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley::sql {

namespace {

// What `room_of` reads, of room r and, where ?1 has joined it, member m with read mark k. Unread are messages
// of others among the newest ?2: a bound for those who never read.
#define PARLEY_ROOM_COLUMNS                                                                     \
    "SELECT r.id, r.kind, r.name, r.topic, r.head, r.members, m.since, coalesce(k.seq, 0), "    \
    "CASE WHEN m.since IS NULL THEN 0 ELSE (SELECT count(*) FROM (SELECT author FROM messages " \
    "WHERE room = r.no AND seq > CASE WHEN k.seq > m.since THEN k.seq ELSE m.since END "        \
    "ORDER BY seq DESC LIMIT ?2) AS newest WHERE author <> ?1) END "

constexpr const char* select_rooms_of = PARLEY_ROOM_COLUMNS
    "FROM members m JOIN rooms r ON r.no = m.room "
    "LEFT JOIN read_marks k ON k.\"user\" = ?1 AND k.room = m.room "
    "WHERE m.\"user\" = ?1 ORDER BY r.id";
constexpr const char* select_rooms = PARLEY_ROOM_COLUMNS
    "FROM rooms r LEFT JOIN members m ON m.\"user\" = ?1 AND m.room = r.no "
    "LEFT JOIN read_marks k ON k.\"user\" = ?1 AND k.room = r.no "
    "WHERE r.id > ?3 AND r.kind <> 0 ORDER BY r.id LIMIT ?4";
#undef PARLEY_ROOM_COLUMNS

constexpr const char* select_epoch = "SELECT epoch FROM log WHERE part = 0";

constexpr const char* select_members =
    "SELECT m.\"user\", m.name, m.since FROM members m WHERE m.room = (SELECT no FROM rooms WHERE id = ?1) "
    "AND (m.name, m.\"user\") > (?2, ?3) ORDER BY m.name, m.\"user\" LIMIT ?4";

template <class Database>
std::uint64_t epoch_of(Database& db) {
    auto row = db.ask(select_epoch);
    return row.step() ? row.natural(0) : 0;
}

template <class Rows>
wire::room room_of(const Rows& row, std::uint64_t epoch) {
    wire::room out;
    out.id = room_id{row.id(0)};
    out.kind = static_cast<room_kind>(row.number(1));
    out.name = row.text(2);
    out.topic = row.text(3);
    out.epoch = epoch;
    out.head = out.w = row.natural(4);
    out.members = static_cast<std::uint32_t>(row.number(5));
    out.may_leave = !(out.id == general_room);
    out.joined = !row.is_null(6);
    if (!out.joined) return out;
    out.read = std::max(row.natural(6), row.natural(7));
    out.unread = static_cast<std::uint32_t>(std::min<std::uint64_t>(row.natural(8), limits::unread_most));
    return out;
}

}  // namespace

template <class Database>
std::vector<wire::room> rooms_of(Database& db, user_id user) {
    const auto epoch = epoch_of(db);
    std::vector<wire::room> out;
    for (auto row = db.ask(select_rooms_of, user, limits::unread_looked_at); row.step();)
        out.push_back(room_of(row, epoch));
    return out;
}

template <class Database>
listed_rooms list_rooms(Database& db, user_id user, room_id after, std::size_t limit) {
    const auto epoch = epoch_of(db);
    listed_rooms out;
    auto row = db.ask(select_rooms, user, limits::unread_looked_at, after, limit + 1);
    while (row.step() && !out.more) {
        out.more = out.rooms.size() == limit;
        if (!out.more) out.rooms.push_back(room_of(row, epoch));
    }
    if (!out.rooms.empty()) out.key = key_of(out.rooms.back());
    return out;
}

template <class Database>
listed_members list_members(Database& db, room_id room, const member_key& after, std::size_t limit) {
    listed_members out;
    auto row = db.ask(select_members, room, after.name, after.user, limit + 1);
    while (row.step() && !out.more) {
        out.more = out.members.size() == limit;
        if (!out.more) out.members.push_back({user_id{row.id(0)}, row.text(1), row.natural(2)});
    }
    if (!out.members.empty()) out.key = key_of(out.members.back());
    return out;
}

#define PARLEY_LISTS_IN(Database)                                               \
    template std::vector<wire::room> rooms_of(Database&, user_id);              \
    template listed_rooms list_rooms(Database&, user_id, room_id, std::size_t); \
    template listed_members list_members(Database&, room_id, const member_key&, std::size_t);
PARLEY_LISTS_IN(sqlite::database)
PARLEY_LISTS_IN(postgres::connection)
#undef PARLEY_LISTS_IN

}  // namespace parley::sql
