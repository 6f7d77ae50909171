#pragma once

#include "server/store/list_keys.hpp"
#include "server/store/store.hpp"

/// The lists of `room_store`: each costs one query, however many rooms or members it tells of. As in
/// sql_rooms.hpp.
namespace parley::sql {

template <class Database>
[[nodiscard]] std::vector<wire::room> rooms_of(Database& db, user_id user);
template <class Database>
[[nodiscard]] listed_rooms list_rooms(Database& db, user_id user, room_id after, std::size_t limit);
template <class Database>
[[nodiscard]] listed_members list_members(Database& db, room_id room, const member_key& after,
                                          std::size_t limit);

}  // namespace parley::sql
