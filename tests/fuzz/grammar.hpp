#pragma once

#include "shared/wire/frames.hpp"
#include "tests/fuzz/choices.hpp"

#include <cstdint>
#include <map>
#include <vector>

/// Frames that fit together more often than chance would have it: few users, few rooms, ops and requests that
/// were really made.
namespace parley::fuzz {

[[nodiscard]] user_id some_user(std::size_t n);
[[nodiscard]] room_id some_room(std::size_t n);
[[nodiscard]] ulid some_outbox(std::size_t n);
inline constexpr std::size_t users = 3, rooms = 4, outboxes = 3;

/// What has been heard of the other side, to choose from.
struct vocabulary {
    std::vector<op_id> ops;
    std::vector<std::uint32_t> requests;
    std::map<room_id, std::uint64_t> heads;  ///< the last place told
    std::uint64_t epoch = 1;
    std::int64_t time_ms = 0;  ///< of the server

    /// Keeps the newest.
    void saw(op_id id);
    void asked(std::uint32_t request);
};

[[nodiscard]] op_id an_op(choices& choose, const vocabulary& known);
[[nodiscard]] room_id a_room(choices& choose);
[[nodiscard]] wire::room a_room_frame(choices& choose, const vocabulary& known);

/// Any frame of a server; an event moves its room's head.
[[nodiscard]] wire::frame_down a_frame_down(choices& choose, vocabulary& known);

/// Any frame of a client.
[[nodiscard]] wire::frame_up a_frame_up(choices& choose, vocabulary& known);

}  // namespace parley::fuzz
