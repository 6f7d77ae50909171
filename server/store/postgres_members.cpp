#include "server/store/postgres_members.hpp"

namespace parley::postgres {

namespace {

constexpr const char* select_members =
    "SELECT m.room, m.\"user\" FROM unnest($1::bigint[], $2::uuid[]) AS g(room, who) "
    "JOIN members m ON m.\"user\" = g.who AND m.room = g.room";
constexpr const char* insert_members =
    "INSERT INTO members (room, \"user\", name, since) "
    "SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bigint[])";
constexpr const char* delete_members =
    "DELETE FROM members AS m USING unnest($1::bigint[], $2::uuid[]) AS g(room, who) "
    "WHERE m.\"user\" = g.who AND m.room = g.room";

}  // namespace

void member_fold::read(std::span<const place> touched) {
    column rooms{column::of::numbers}, users{column::of::ids};
    for (const auto& at : touched) {
        if (!members_.try_emplace(at).second) continue;
        rooms.add(at.first);
        users.add(at.second);
    }
    if (members_.empty()) return;
    for (auto row = db_.ask(select_members, rooms, users); row.step();) {
        auto& who = members_.at({row.number(0), user_id{row.id(1)}});
        who.was = who.is = true;
    }
}

bool member_fold::join(const place& at, const wire::event& event) {
    auto& who = members_.at(at);
    if (who.is) return false;
    who.is = true;
    who.joined = &event;
    return true;
}

bool member_fold::leave(const place& at) {
    auto& who = members_.at(at);
    if (!who.is) return false;
    who.is = false;
    who.joined = nullptr;
    return true;
}

void member_fold::write() {
    column gone_rooms{column::of::numbers}, gone_users{column::of::ids};
    column new_rooms{column::of::numbers}, new_users{column::of::ids}, names{column::of::texts},
        sinces{column::of::numbers};
    bool any_gone = false, any_new = false;
    for (const auto& [at, who] : members_) {
        if (who.was && (!who.is || who.joined)) {
            any_gone = true;
            gone_rooms.add(at.first);
            gone_users.add(at.second);
        }
        if (!who.joined) continue;
        any_new = true;
        new_rooms.add(at.first);
        new_users.add(at.second);
        names.add(who.joined->author_name);
        sinces.add(who.joined->seq);
    }
    if (any_gone) db_.change(delete_members, gone_rooms, gone_users);
    if (any_new) db_.change(insert_members, new_rooms, new_users, names, sinces);
}

}  // namespace parley::postgres
