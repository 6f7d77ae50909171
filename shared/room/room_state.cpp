#include "shared/room/room_state.hpp"

#include <algorithm>

namespace parley {

void room_state::told(const wire::room& frame, const timeline& log) {
    joined = frame.joined;
    may_leave = frame.may_leave;
    name = frame.name;
    topic = frame.topic;
    read = std::max(read, frame.read);
    told_read_ = frame.read;
    told_unread_ = frame.unread;
    told_w_ = frame.w;
    members = frame.members;
    counted_w_ = frame.w;
    for (const auto& event : log.rows())
        if (event.seq <= log.w()) fold(event);
}

void room_state::fold(const wire::event& event) {
    if (event.seq <= counted_w_) return;
    counted_w_ = event.seq;
    switch (event.kind) {
    case change_kind::create:
        name = event.name;
        topic = event.text;
        members = 1;
        break;
    case change_kind::join: ++members; break;
    case change_kind::leave:
        if (members > 0) --members;
        break;
    case change_kind::nothing:
    case change_kind::message: break;
    }
}

bool room_state::mark_read(std::uint64_t seq) {
    if (seq <= read) return false;
    read = seq;
    return true;
}

std::uint32_t room_state::unread(const timeline& log, user_id self) const {
    const bool held = log.held_from() <= read;
    const bool base_holds = !held && read == told_read_;
    const auto from = base_holds ? std::max(told_w_, log.held_from()) : read;
    std::uint32_t count = base_holds ? told_unread_ : 0;
    const auto& rows = log.rows();
    for (auto it = rows.rbegin(); it != rows.rend() && it->seq > from; ++it)
        if (it->seq <= log.w() && it->kind == change_kind::message && it->id.author != self) ++count;
    return count;
}

}  // namespace parley
