#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {

wire::room hub::state::describe(const room& where, const user_record& user) const {
    const auto& fold = where.fold;
    const auto since = fold.standing_of(user.id).since;
    wire::room frame;
    frame.id = where.id;
    frame.name = fold.name();
    frame.topic = fold.topic();
    frame.kind = fold.kind();
    frame.epoch = epoch;
    frame.head = fold.head();
    frame.w = fold.w();
    frame.members = fold.members();
    frame.joined = fold.member(user.id);
    frame.may_leave = where.id != general_room;
    // Nothing from before one's joining is unread.
    frame.read = std::max(user.read_of(where.id), std::min(since, fold.w()));
    frame.unread = frame.joined ? fold.unread(user.id, frame.read) : 0;
    return frame;
}

void hub::state::tell_membership(room& where, user_id id) {
    auto* user = sessions.find_user(id);
    if (!user) return;
    const auto frame = describe(where, *user);
    for (auto* to : user->sessions) {
        if (to->phase == session_phase::greeted) speech.tell(where, *to, frame);
    }
    if (user->listings > 0) user->changed.push_back(where.id);
}

/// Rights end when the leave is placed; what was said before has been told.
void hub::state::begin_leave(room& where, user_id id) {
    const auto* user = sessions.find_user(id);
    if (!user) return;
    for (auto* who : user->sessions)
        end_following(where, *who, errc::not_member);
    tell_membership(where, id);
}

}  // namespace parley
