#pragma once

#include "shared/base/ids.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

/// The port through which hubs reach each other: it orders ops and carries the events to every hub.
namespace parley {

/// An op that a hub has validated and authorised. The event lacks only `seq` and `epoch`.
struct append_item {
    wire::event event;
    op_id after;              ///< the op before it in its lane; zero: none
    std::uint64_t since = 0;  ///< what the change can't be below or equal to (L7)
    std::uint64_t hash = 0;   ///< keyed, of kind, target and content
    std::uint64_t base =
        0;  ///< the room's head in the store as its hub knows it, for a room new to this epoch
    std::uint64_t fence = 0;  ///< the fence as its hub has folded it
    bool fences = false;      ///< it can make somebody's op illegal: a leave, a kick
};

enum class judgement : std::uint8_t {
    placed,
    duplicate,      ///< the change id has a place; `standing` tells what stands there
    conflict,       ///< the change id has a place with another payload
    ask,            ///< the window does not reach down to `since`: read the store
    after_missing,  ///< `after` has no place in this epoch and is not committed as far as the window knows
    stale,          ///< a later fence is known: read on and judge again
    busy,           ///< a bound of L14
    skipped,        ///< an earlier op of the same room in the same call was not placed
    lost,           ///< another epoch
};

/// What stands at a place of the log.
struct standing {
    std::uint64_t seq = 0;
    std::uint64_t epoch = 0;
    std::uint64_t hash = 0;
    std::int64_t time_ms = 0;
    change_kind kind = change_kind::nothing;  ///< `nothing`: a void, why is in `code`
    errc code = errc::none;
    std::uint64_t duplicate_of = 0;  ///< not 0: the change is committed at that place
};

struct append_answer {
    judgement what = judgement::lost;
    standing at = {};  ///< of `placed`, `duplicate` and `conflict`
};

/// What became of the items of one `append`, in order.
struct appended {
    std::vector<append_answer> answers;
    std::vector<append_item> items;  ///< as they were given; the events of those that were placed may be gone
};

/// One entry of a process's log. `n` is dense within an epoch.
struct placed_entry {
    std::uint64_t n = 0;
    wire::event event;
    std::uint64_t hash = 0;
    bool fences = false;
};

struct room_mark {
    room_id room;
    std::uint64_t w = 0;
};

struct settled_void {
    room_id room;
    wire::void_place place;
};

/// All entries of `epoch` up to `upto` are in the store, but for those of halted rooms. Rooms whose W rose,
/// and the places that became voids.
struct settled_entry {
    std::uint64_t epoch = 0;
    std::uint64_t upto = 0;
    std::vector<room_mark> rooms;
    std::vector<settled_void> voids;
    std::vector<room_id> halted = {};  ///< from now on nothing is stored in these until the epoch ends (L5)
};

/// What follows is of `epoch` and stands behind its entry `behind`: all up to there is settled. Of another
/// epoch than before: what was provisional is gone unless the store has it.
struct epoch_entry {
    std::uint64_t epoch = 0;
    std::uint64_t behind = 0;
};

using log_entry = std::variant<placed_entry, settled_entry, epoch_entry>;
using log_entry_ptr = std::shared_ptr<const log_entry>;

/// A hub's or the committer's place in the log: `read` gives what stands from there on. Whoever has read
/// nothing yet is at 0.
struct log_position {
    std::uint64_t next = 0;  ///< index over all kinds of entries since the process began, from 0
};

struct log_read {
    std::vector<log_entry_ptr> entries;
    bool gap = false;   ///< what stood at the position is trimmed: load rooms again; `position` jumped to the
                        ///< oldest kept, and an `epoch_entry` before it says in which epoch and behind what
    bool more = false;  ///< more than one turn's worth is there
    log_position position;
};

/// Thread-safe. Every hub reads the same entries in the same order.
class backbone {
public:
    virtual ~backbone() = default;

    [[nodiscard]] virtual std::uint64_t epoch() const = 0;

    /// The answers; or nothing: then `later` is called with them, exactly once and from any thread. The log
    /// may tell of what is placed before that. A backbone that ends forgets whom it owes an answer.
    [[nodiscard]] virtual std::optional<appended> append(std::uint64_t epoch, std::vector<append_item> items,
                                                         std::function<void(appended)> later) = 0;

    /// What the window knows of these changes, one answer each; `seq` 0 where it knows nothing.
    [[nodiscard]] virtual std::vector<standing> find(std::uint64_t epoch, room_id room,
                                                     std::span<const change_id> changes) = 0;

    [[nodiscard]] virtual log_position end() const = 0;

    /// At most `limits::log_entries_a_turn` entries from `from` on.
    [[nodiscard]] virtual log_read read(log_position from) = 0;

    /// `wake` is called, from any thread and at most once until the next `read`, when there is something to
    /// read.
    virtual void on_append(std::function<void()> wake) = 0;

    /// The committer's announcement, in order with the events.
    virtual void settle(const settled_entry& settled) = 0;

    /// To be called before those end who wait for answers: none is given any more, nothing is waked.
    virtual void stop() {}
};

}  // namespace parley
