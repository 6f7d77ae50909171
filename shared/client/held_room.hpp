#pragma once

#include "shared/client/client.hpp"
#include "shared/room/room_state.hpp"
#include "shared/room/timeline.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace parley {

/// How far this session follows a room:  no ─ subscribe ─▶ asked ─ page ─▶ resuming ─ reply ─▶ live
enum class following : std::uint8_t { no, asked, resuming, live };

/// An answer from the server that comes in pages.
enum class asking : std::uint8_t { no, wanted, asked };

/// All that a device has of one room.
struct held_room {
    room_state facts;
    timeline log;

    following follows = following::no;
    std::uint32_t subscribe_request = 0;
    bool from_start = false;         ///< the cursor led nowhere: ask for a snapshot
    bool fresh = false;              ///< what is being resumed is a snapshot
    std::int64_t not_before_ms = 0;  ///< the server was busy: subscribe again then

    bool settle_due = false;    ///< ask how the ops ever offered stand
    std::uint32_t settles = 0;  ///< asked and not answered

    asking older = asking::no;
    std::uint32_t older_request = 0;  ///< the last; an answer to another one is old news
    std::vector<wire::event> older_rows;
    asking roster = asking::no;
    std::string roster_key;
    std::vector<wire::member> roster_rows;
    bool roster_known = false;
    std::vector<wire::member> members;
    std::uint64_t members_w = 0;

    bool receipt_due = false;

    /// One's own that are stored, said so by a verdict, and whose event the resume has yet to bring.
    std::vector<wire::event> landed;

    bool changed = true;  ///< since it was last drawn
    room_view drawing;
    bool rows_drawn = false;

    held_room(room_id id, user_id self) : facts(id), log(self) {}

    [[nodiscard]] const room_id& id() const { return facts.id; }

    /// Keeps the list of members, once known, in step with what is committed.
    void fold_member(const wire::event& event);

    /// Frames about its log are meant for it.
    [[nodiscard]] bool hears() const { return follows == following::resuming || follows == following::live; }
};

}  // namespace parley
