#pragma once

#include "server/backbone/backbone.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace parley {

/// The one judgement that every backbone does: whether an op gets the room's next place.
///
/// Of each room it knows head h, watermark w, fence f and the low end t of its window; the window is the
/// change ids of the places (t, h]. An op is judged in this order, and the first that holds answers:
///
///     another epoch              lost
///     its id has a place         duplicate | conflict         whichever was first has the id, a void too
///     skipped before             skipped                      an earlier op of the room in this call was not
///     placed since < t                  ask `after` has no place       after_missing fence < f stale a void
///     passes at a bound                 busy otherwise                  placed at h + 1
///
/// A room is known from its first op on, as long as the epoch lasts.
class sequencer {
public:
    explicit sequencer(std::uint64_t epoch) : epoch_(epoch) {}

    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    /// Forgets everything: what was provisional is gone unless the store has it.
    void begin(std::uint64_t epoch);

    /// One answer per item, in order. What was placed is appended to `placed`, to be logged in that order.
    [[nodiscard]] std::vector<append_answer> append(std::int64_t now_ms, std::uint64_t epoch,
                                                    std::span<const append_item> items,
                                                    std::vector<placed_entry>& placed);

    /// What the window knows, one standing each; `seq` 0 where it knows nothing.
    [[nodiscard]] std::vector<standing> find(std::uint64_t epoch, room_id room,
                                             std::span<const change_id> changes) const;

    /// False, and nothing changed, if it is of another epoch or has been said before.
    bool settle(std::int64_t now_ms, const settled_entry& settled);

    [[nodiscard]] std::size_t provisional() const { return provisional_ops_; }

private:
    struct room_state {
        std::uint64_t h = 0, w = 0, f = 0, t = 0;
        std::size_t bytes = 0;      // of what is provisional
        std::int64_t moved_ms = 0;  // when w last rose, or h left it
        std::uint64_t stopped = 0;  // the call in which an op of it was not placed
    };

    struct window_place {
        room_id room;
        standing at;
    };

    /// In the order of the log, from the oldest that is remembered.
    struct logged {
        change_id change;
        room_id room;
        std::uint64_t seq = 0;
        std::size_t bytes = 0;
    };

    append_answer judge(std::int64_t now_ms, const append_item& item, std::vector<placed_entry>& placed);
    [[nodiscard]] std::optional<append_answer> repeated(const append_item& item) const;
    [[nodiscard]] judgement obstacle(std::int64_t now_ms, const append_item& item,
                                     const room_state& room) const;
    [[nodiscard]] bool at_bound(std::int64_t now_ms, const room_state& room, std::size_t size) const;
    append_answer place(std::int64_t now_ms, const append_item& item, room_state& room,
                        std::vector<placed_entry>& placed);
    void note_void(const settled_void& voided);
    void free_up_to(std::uint64_t upto);
    void trim();

    std::uint64_t epoch_;
    std::uint64_t n_ = 0;        // the last entry of the log
    std::uint64_t settled_ = 0;  // the last entry that is settled
    std::uint64_t calls_ = 0;
    std::int64_t settled_ms_ = 0;
    std::size_t provisional_ops_ = 0;
    std::size_t provisional_bytes_ = 0;
    std::unordered_map<room_id, room_state, id_hash> rooms_;
    std::unordered_map<change_id, window_place, id_hash> window_;
    std::deque<logged> log_;  // of the entries (n_ - size, n_]
};

}  // namespace parley
