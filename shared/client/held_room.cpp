#include "shared/client/held_room.hpp"

#include <algorithm>

namespace parley {

void held_room::fold_member(const wire::event& event) {
    if (!roster_known || event.seq <= members_w) return;
    members_w = event.seq;
    const bool came = event.kind == change_kind::create || event.kind == change_kind::join;
    if (!came && event.kind != change_kind::leave) return;
    const auto same = [&](const wire::member& m) { return m.user == event.id.author; };
    members.erase(std::remove_if(members.begin(), members.end(), same), members.end());
    if (came) members.push_back({event.id.author, event.author_name, event.seq});
}

}  // namespace parley
