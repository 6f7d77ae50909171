#pragma once

#include "server/store/store.hpp"

namespace parley::postgres {
class connection;
}

/// The reads of `room_store`, in the SQL that all databases understand. `Database` is `sqlite::database` or
/// `postgres::connection`. Each is to run in one transaction; all throw the database's `failure`.
namespace parley::sql {

template <class Database>
[[nodiscard]] loaded_room load_room(Database& db, room_id room);
template <class Database>
[[nodiscard]] loaded_page read_before(Database& db, room_id room, std::uint64_t before, std::size_t limit);
template <class Database>
[[nodiscard]] loaded_page read_after(Database& db, room_id room, std::uint64_t after, std::size_t limit);
template <class Database>
[[nodiscard]] found_changes find_changes(Database& db, room_id room, std::span<const change_id> changes);
/// Asks once for all of them: each question is a way to another machine and back.
template <>
found_changes find_changes(postgres::connection& db, room_id room, std::span<const change_id> changes);

}  // namespace parley::sql
