#pragma once

#include "shared/client/client.hpp"
#include "shared/room/room_state.hpp"
#include "shared/room/timeline.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace parley {

/// How far this session follows a room:  no ─ subscribe ─▶ asked ─ page ─▶ resuming ─ reply ─▶ live
enum class following : std::uint8_t { no, asked, resuming, live };

/// An answer from the server that comes in pages.
enum class asking : std::uint8_t { no, wanted, asked };

/// A run of history that is being fetched: the places (from, to]. It may take several answers, which come
/// from its upper end.
struct paging {
    enum class direction : std::uint8_t { older, newer };

    asking asks = asking::no;
    direction towards = direction::older;
    std::uint64_t from = 0, to = 0;
    std::uint64_t got_from = 0;  ///< (got_from, to] are here
    std::uint32_t request = 0;   ///< the last; an answer to another one is old news
    std::vector<wire::event> rows;

    /// It waits for this place.
    [[nodiscard]] bool wants(std::uint64_t seq) const {
        return asks == asking::asked && seq > from && seq <= got_from;
    }
};

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

    paging history;

    /// Where one reads, while that is too far back to be held together with the end of the log: another
    /// stretch, all of it committed, that ends with its `w` and hears nothing.
    std::unique_ptr<timeline> past;

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

    [[nodiscard]] const timeline& shown() const { return past ? *past : log; }

    /// Frames about its log are meant for it.
    [[nodiscard]] bool hears() const { return follows == following::resuming || follows == following::live; }
};

}  // namespace parley
