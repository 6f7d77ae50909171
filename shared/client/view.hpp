#pragma once

#include "shared/client/client.hpp"
#include "shared/client/drafts.hpp"
#include "shared/client/held_room.hpp"
#include "shared/client/outbox.hpp"

#include <string>

/// What a room looks like: its log, with one's own ops drawn over it and never written into it.
namespace parley {

struct onlooker {
    user_id self;
    std::string name;
    bool live = false;         ///< connected: what was offered is under way
    bool memory_only = false;  ///< what the disk has is out of reach
};

/// Everything but the rows.
void draw_summary(room_view& view, const held_room& room, const outbox& box, const drafts& typed,
                  const onlooker& who);

void draw_rows(room_view& view, const held_room& room, const outbox& box, const onlooker& who);

/// An own op by itself, as it stands while it has no place in the log.
[[nodiscard]] row_view draw_op(const outbox_op& op, const onlooker& who);

/// Where an own op really is.
[[nodiscard]] op_state state_of(const outbox_op& op, const onlooker& who);

}  // namespace parley
