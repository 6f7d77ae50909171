#include "server/hub/room.hpp"

#include <algorithm>

namespace parley {

bool room::idle() const {
    return awake() && live.empty() && readers.empty() && owed.empty() && lanes.empty() &&
           requesters.empty() && to_tell.empty() && in_flight == 0 && fold.head() == fold.w();
}

lane* room::lane_of(asker who) {
    for (auto& one : lanes) {
        if (one->who == who) return one.get();
    }
    return nullptr;
}

reader* room::reader_of(const session& who) {
    for (auto& one : readers) {
        if (one.who == &who) return &one;
    }
    return nullptr;
}

subscriber* room::subscriber_of(const session& who) {
    for (auto& one : live) {
        if (one.who == &who) return &one;
    }
    return nullptr;
}

bool room::join_asked(user_id user) const {
    return std::find(joins_asked.begin(), joins_asked.end(), user) != joins_asked.end();
}

}  // namespace parley
