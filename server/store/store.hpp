#pragma once

#include "server/backbone/backbone.hpp"
#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The port to what remembers rooms: `sqlite_store`, `postgres_store`, `memory_store`. Accounts have a port
/// of their own.
namespace parley {

/// The room everybody joins, made by the zero user, at the same id everywhere.
inline constexpr room_id general_room{{0x0000000000010000u, 0x67656e6572616c00u}};

struct stored_member {
    user_id user;
    std::string name;
    std::uint64_t since = 0;  ///< the seq of the join
};

/// One snapshot of a room. `exists` false: no create is stored. Voids may stand there all the same, so
/// `head`, `fence` and `recent` are always true, and `head` is the base of whatever is appended next.
struct loaded_room {
    bool exists = false;
    std::string name;
    std::string topic;
    room_kind kind = room_kind::channel;
    user_id creator;
    std::uint64_t head = 0;
    std::uint64_t fence = 0;
    std::vector<stored_member> members;  ///< in order of `since`
    std::vector<wire::event>
        recent;  ///< the newest, without a gap up to head, oldest first; at most room_recent_events
};

/// One snapshot: every stored event from `from` on, exclusive, oldest first.
struct loaded_page {
    std::uint64_t from = 0;  ///< the places (from, to] are told
    std::uint64_t to = 0;
    bool more = false;  ///< of `before`: below `from`; of `after`: above `to`
    std::vector<wire::event> events;
    std::uint64_t cursor_epoch = 0;  ///< of `after`: the epoch of the event at `after`, 0 if there is none
    std::uint64_t head = 0;
};

/// One snapshot: what stands under each change, `seq` 0 where nothing does.
struct found_changes {
    std::uint64_t head = 0;
    std::vector<standing> places;
};

struct listed_rooms {
    std::vector<wire::room> rooms;  ///< in order of id; `joined`, `read`, `unread` are the asking user's
    std::string key;                ///< to ask for the next ones
    bool more = false;
};

struct listed_members {
    std::vector<wire::member> members;  ///< in order of name
    std::string key;
    bool more = false;
};

struct read_mark {
    user_id user;
    room_id room;
    std::uint64_t read = 0;
};

/// One transaction of the committer.
struct commit_batch {
    std::uint64_t epoch = 0;
    std::uint64_t behind = 0;  ///< the entry below the first of `events`: it and all before are stored
    std::vector<log_entry_ptr> events;  ///< placed entries only, in log order
    std::vector<read_mark> marks;       ///< merged by maximum
};

struct commit_outcome {
    enum class kind : std::uint8_t {
        committed,
        row_refused,  ///< the data of some row can't be stored; nothing was written
        failed,       ///< anything else; nothing counts, try the same batch again
        superseded,   ///< another epoch is in force; nothing was written
        damaged,  ///< what the store keeps can't be trusted any more: the process must end, saying `reason`
    };
    kind what = kind::failed;
    std::vector<settled_void> voids;  ///< of `committed`: repeats that the index caught; of a store that
                                      ///< others write, too, all that stand as voids now
    std::string reason;               ///< for the log and for health
};

/// Reads and writes block and belong on threads of their own, never on a hub's.
/// Any member may be called from any thread; writes are serialised inside.
class room_store {
public:
    virtual ~room_store() = default;

    // reads; each is one snapshot and one indexed query or a fixed few. They fail with `unavailable`.
    [[nodiscard]] virtual result<loaded_room> load_room(room_id room) = 0;
    /// Events below `before` (0: the newest), the newest `limit` of them and at most `limits::page_bytes` of
    /// text, told oldest first; at least one if there is any.
    [[nodiscard]] virtual result<loaded_page> read_before(room_id room, std::uint64_t before,
                                                          std::size_t limit) = 0;
    /// Events above `after`, at most `limit` and `limits::page_bytes` of text; at least one if there is any.
    [[nodiscard]] virtual result<loaded_page> read_after(room_id room, std::uint64_t after,
                                                         std::size_t limit) = 0;
    /// What the index holds in this room: a change that stands in another room is answered with `seq` 0.
    [[nodiscard]] virtual result<found_changes> find(room_id room, std::span<const change_id> changes) = 0;
    /// The rooms that the user has joined. `w` is `head`. `read` is never below the user's own join; `unread`
    /// looks at the newest `limits::unread_looked_at` messages and ends at `limits::unread_most`.
    [[nodiscard]] virtual result<std::vector<wire::room>> rooms_of(user_id user) = 0;
    [[nodiscard]] virtual result<listed_rooms> list_rooms(user_id user, const std::string& key,
                                                          std::size_t limit) = 0;
    /// Like `list_rooms`, fails with `malformed` for a key that it did not give.
    [[nodiscard]] virtual result<listed_members> list_members(room_id room, const std::string& key,
                                                              std::size_t limit) = 0;

    // writes
    /// Durably starts an epoch above every earlier one, made of time and chance below 2^53 (L6).
    [[nodiscard]] virtual result<std::uint64_t> raise_epoch(std::int64_t wall_ms, std::uint64_t chance) = 0;

    /// Events, their fold (rooms, members, heads, fences, messages) and read marks in one transaction.
    /// `voided`: the places of `events` that are to be written as voids with that reason. A repeat of a
    /// change id becomes a void: `duplicate` with `duplicate_of` where room and hash agree, else `conflict`.
    /// The same batch once more is `committed` with the same voids and changes nothing.
    [[nodiscard]] virtual commit_outcome commit(const commit_batch& batch,
                                                std::span<const settled_void> voided) = 0;

    /// Whether, in this epoch, of the processes that share an order this one is to write, for
    /// `limits::lease_ms` and as long as it goes on committing. It saves the others the work, nothing depends
    /// on it.
    [[nodiscard]] virtual result<bool> take_lease(std::uint64_t epoch) {
        static_cast<void>(epoch);
        return true;
    }

    /// It writes no more: another one need not wait until the lease is over.
    virtual void end_lease() {}

    /// To be called by the committer's thread whenever it has had nothing to write for a moment:
    /// housekeeping.
    virtual void rest() {}

    /// Why nothing new should be accepted now, in one line for the log and for health: the disk is almost
    /// full. What has a place already is committed all the same. Cheap; to be polled a few times a second.
    [[nodiscard]] virtual std::optional<std::string> refusal() { return std::nullopt; }
};

}  // namespace parley
