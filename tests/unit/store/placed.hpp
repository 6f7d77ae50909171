#pragma once

#include "server/backbone/backbone.hpp"

#include <memory>

namespace parley::testing {

/// What a log tells a committer of an op of nobody's.
inline log_entry_ptr placed_at(std::uint64_t n, room_id room, std::uint64_t seq, std::uint64_t epoch,
                               change_kind what) {
    placed_entry entry;
    entry.n = n;
    entry.event.room = room;
    entry.event.seq = seq;
    entry.event.epoch = epoch;
    entry.event.kind = what;
    return std::make_shared<const log_entry>(entry);
}

}  // namespace parley::testing
