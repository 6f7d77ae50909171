#pragma once

#include "server/store/list_keys.hpp"
#include "server/store/sqlite_database.hpp"
#include "server/store/store.hpp"

/// The lists of `room_store`: each costs one query, however many rooms or members it tells of. To be run in
/// one transaction; all throw `failure`.
namespace parley::sqlite {

[[nodiscard]] std::vector<wire::room> rooms_of(database& db, user_id user);
[[nodiscard]] listed_rooms list_rooms(database& db, user_id user, room_id after, std::size_t limit);
[[nodiscard]] listed_members list_members(database& db, room_id room, const member_key& after,
                                          std::size_t limit);

}  // namespace parley::sqlite
