#pragma once

#include "server/store/sqlite_database.hpp"
#include "server/store/store.hpp"

/// The reads of `room_store`. Each is to run in one transaction; all throw `failure`.
namespace parley::sqlite {

[[nodiscard]] loaded_room load_room(database& db, room_id room);
[[nodiscard]] loaded_page read_before(database& db, room_id room, std::uint64_t before, std::size_t limit);
[[nodiscard]] loaded_page read_after(database& db, room_id room, std::uint64_t after, std::size_t limit);
[[nodiscard]] found_changes find_changes(database& db, room_id room, std::span<const change_id> changes);

}  // namespace parley::sqlite
