#pragma once

#include "shared/room/timeline.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <string>

/// What a room is, folded from its `room` frames and from the events committed since (L15): frames count up
/// to their own `w`, events above it are added.
namespace parley {

struct room_state {
    room_id id;
    std::string name;
    std::string topic;
    std::uint32_t members = 0;
    bool joined = false;
    bool may_leave = true;
    std::uint64_t read = 0;  ///< merges by maximum: tabs and devices mark in any order

    explicit room_state(room_id room) : id(room) {}

    /// `log`: what is held; what it has committed above the frame's `w` is counted on top.
    void told(const wire::room& frame, const timeline& log);

    /// An event that is now committed. Those that a frame has counted already change nothing.
    void fold(const wire::event& event);

    /// Marks as read up to `seq`; false if it was already.
    bool mark_read(std::uint64_t seq);

    /// Messages of others in (read, w].
    [[nodiscard]] std::uint32_t unread(const timeline& log, user_id self) const;

private:
    std::uint64_t counted_w_ = 0;  // members and topic are those of this place
    std::uint64_t told_read_ = 0;  // the last frame counted `told_unread_` in (told_read_, told_w_]
    std::uint64_t told_w_ = 0;
    std::uint32_t told_unread_ = 0;
};

}  // namespace parley
