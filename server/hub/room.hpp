#pragma once

#include "server/hub/room_fold.hpp"
#include "server/hub/session.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <variant>
#include <vector>

namespace parley {

/// Who asked: a session by its handle, or an HTTP op by its token.
struct asker {
    std::uint64_t id = 0;
    bool http = false;

    friend bool operator==(const asker& a, const asker& b) { return a.id == b.id && a.http == b.http; }
};

/// Where changes stand: one look at the window, then one snapshot of the store (L8).
struct look {
    enum class stage : std::uint8_t { window, store, done, failed };
    stage at = stage::window;
    std::vector<change_id> changes;
    std::vector<standing> window;
    std::vector<standing> stored;
    std::uint64_t head = 0;  ///< of the room in the store, as it was read
};

/// What somebody asks of a room that must be judged in the order in which they asked.
struct asked {
    std::variant<wire::op, wire::subscribe, wire::settle> what;
    user_id author = {};
    bool read_on = false;           ///< the log was read to its head as it was when this came
    bool stale = false;             ///< its id is taken no more: only if it has a place already
    bool paid = false;              ///< a token of the limiter was taken
    bool wants_log = false;         ///< the backbone knows a later fence
    bool wants_store = false;       ///< the backbone's window is too short to know
    std::uint64_t floor = 0;        ///< the store was read up to here: the change is not below
    std::uint64_t stored_head = 0;  ///< of the room, when a cursor ahead of W was looked for; 0: not looked
    std::unique_ptr<look> found = nullptr;
};

/// Why the first of a lane can't be judged now.
struct lane_wait {
    enum class reason : std::uint8_t {
        nothing,
        load,     ///< the room's fold
        answer,   ///< of the backbone, to the author's own join
        log_end,  ///< the log read to `until`
        settled,  ///< W at `w`
        query,    ///< an answer of that number
        resume,   ///< the resume under way
    };
    reason why = reason::nothing;
    log_position until;
    bool until_known = false;
    std::uint64_t w = 0;
    std::uint32_t query = 0;
};

/// What waits of one asker in one room, oldest first.
struct lane {
    asker who;
    std::deque<asked> queue;
    lane_wait wait;
};

/// A verdict that somebody is owed once W has passed `seq` (L8).
struct owed_verdict {
    asker who;
    op_id op;
    std::uint64_t seq = 0;
    std::uint32_t offer = 0;
    change_kind kind = change_kind::nothing;
    bool counts = false;  ///< this hub gave the op its place; a repeat is counted once
};

/// A session that gets what the room says.
struct subscriber {
    session* who = nullptr;
    std::uint64_t told_w = 0;  ///< to this one alone; the room's own may be higher
};

/// A session that resumes: reads on from `at`, then is live. Nothing is buffered: what happens meanwhile is
/// read too.
struct reader {
    session* who = nullptr;
    std::uint32_t request = 0;
    std::uint64_t at = 0;
    std::uint64_t cursor_epoch = 0;  ///< to be compared with that of the event at `at`; 0: a snapshot
    bool started = false;            ///< the page was opened, or there is none
    bool truncated = false;          ///< to be told first that what it holds above `at` is void
    bool paused = false;             ///< too much is unsent
    std::uint32_t query = 0;         ///< under way; 0: none
    std::size_t bytes = 0;
};

enum class room_phase : std::uint8_t { loading, awake };

struct room {
    explicit room(room_id name) : id(name), fold(name) {}

    room_id id;
    room_fold fold;
    room_phase phase = room_phase::loading;

    std::vector<subscriber> live;
    std::vector<reader> readers;
    std::vector<owed_verdict> owed;
    std::vector<std::unique_ptr<lane>> lanes;
    int advancing = 0;                       ///< how deep: no lane is dropped meanwhile
    std::vector<user_id> joins_asked;        ///< joins given to the backbone, not answered
    std::vector<session_handle> requesters;  ///< their history waits for the fold
    std::vector<user_id> to_tell;            ///< of their membership, once loaded
    std::size_t in_flight = 0;               ///< ops given to the backbone, not answered

    // Loading.
    std::uint32_t query = 0;
    std::vector<log_entry_ptr> heard;  ///< since the snapshot was asked for
    std::int64_t retry_ms = 0;         ///< the store failed while sessions depend on the room

    // What it says; kept by fan_out.
    outgoing_ptr message;  ///< open: what it says in this turn
    bool speaking = false;

    // The watermark as its audience knows it.
    std::uint64_t told_w = 0;
    std::vector<wire::void_place> untold_voids;
    std::vector<session_handle> owed_live;  ///< to be told at the end of this turn
    bool risen = false;
    bool watermark_due = false;

    bool resting = false;  ///< in the queue of those that may fall asleep
    std::int64_t idle_since_ms = 0;

    [[nodiscard]] bool awake() const { return phase == room_phase::awake; }

    /// Nobody depends on it.
    [[nodiscard]] bool idle() const;
    [[nodiscard]] lane* lane_of(asker who);
    [[nodiscard]] reader* reader_of(const session& who);
    [[nodiscard]] subscriber* subscriber_of(const session& who);
    [[nodiscard]] bool join_asked(user_id user) const;
};

}  // namespace parley
