#pragma once

#include "server/backbone/backbone.hpp"
#include "shared/base/limits.hpp"
#include "shared/base/ring.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace parley {

/// What an entry weighs in memory, roughly: its text and the entry itself.
[[nodiscard]] std::size_t weight_of(const wire::event& event);

/// The one judgement that every backbone does: whether an op gets the room's next place.
///
/// Of each room it knows head h, watermark w, fence f and the low end t of its window; the window is the
/// change ids of the places (t, h]. An op is judged in this order, and the first that holds answers:
///
///     another epoch                      lost
///     its id has a place                 duplicate | conflict    whichever was first has the id, a void too
///     the epoch is full                  busy
///     an earlier op of the room in
///     this call was not placed           skipped
///     since < t                          ask
///     `after` has no place               after_missing
///     fence < f, and it is no void       stale
///     at a bound, or the room halted     busy
///     otherwise                          placed at h + 1
///
/// A room is known from its first op on, as long as the epoch lasts: forgotten and met again, it could give
/// a place twice to a hub that lags. When it knows as many rooms as it may, it is `full`: nothing more is
/// placed, so that all becomes settled and a new epoch can begin.
class sequencer {
public:
    explicit sequencer(std::uint64_t epoch, std::size_t rooms_most = limits::sequencer_rooms)
        : epoch_(epoch), rooms_most_(rooms_most) {}

    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    /// Forgets everything: what was provisional is gone unless the store has it.
    void begin(std::uint64_t epoch);

    /// One answer per item, in order. What was placed is moved to `placed`, to be logged in that order.
    [[nodiscard]] std::vector<append_answer> append(std::int64_t now_ms, std::uint64_t epoch,
                                                    std::span<append_item> items,
                                                    std::vector<placed_entry>& placed);

    /// What the window knows, one standing each; `seq` 0 where it knows nothing.
    [[nodiscard]] std::vector<standing> find(std::uint64_t epoch, room_id room,
                                             std::span<const change_id> changes) const;

    /// False, and nothing changed, if it is of another epoch or has been said before.
    bool settle(std::int64_t now_ms, const settled_entry& settled);

    [[nodiscard]] std::size_t provisional() const { return provisional_ops_; }

    [[nodiscard]] bool full() const { return rooms_.size() >= rooms_most_; }

private:
    struct room_state {
        std::uint64_t h = 0, w = 0, f = 0, t = 0;
        std::size_t bytes = 0;      // of what is provisional
        std::int64_t moved_ms = 0;  // when w last rose, or h left it
        std::uint64_t stopped = 0;  // the call in which an op of it was not placed
        bool halted = false;        // until the epoch ends
    };

    /// In the order of the log, from the oldest that is remembered.
    struct logged {
        change_id change;
        room_id room;
        std::uint32_t state = 0;  // of the room, in states_
        std::uint32_t bytes = 0;
        standing at;
    };

    append_answer judge(std::int64_t now_ms, append_item& item, std::vector<placed_entry>& placed);
    [[nodiscard]] const logged* remembered(const change_id& change) const;
    [[nodiscard]] std::uint32_t state_of(const append_item& item);
    [[nodiscard]] static append_answer repeated(const append_item& item, const logged& before);
    [[nodiscard]] judgement obstacle(std::int64_t now_ms, const append_item& item,
                                     const room_state& room) const;
    [[nodiscard]] bool at_bound(std::int64_t now_ms, const room_state& room, std::size_t size) const;
    append_answer place(std::int64_t now_ms, append_item& item, std::uint32_t state,
                        std::vector<placed_entry>& placed);
    [[nodiscard]] room_state* find_state(const room_id& room);
    void note_void(const settled_void& voided);
    void free_up_to(std::uint64_t upto);
    void trim();

    std::uint64_t epoch_;
    std::size_t rooms_most_;
    std::uint64_t n_ = 0;        // the last entry of the log
    std::uint64_t settled_ = 0;  // the last entry that is settled
    std::uint64_t calls_ = 0;
    std::int64_t settled_ms_ = 0;
    std::size_t provisional_ops_ = 0;
    std::size_t provisional_bytes_ = 0;
    boost::unordered_flat_map<room_id, std::uint32_t, id_hash> rooms_;  // index in states_
    std::vector<room_state> states_;
    boost::unordered_flat_map<change_id, std::uint64_t, id_hash> window_;  // the n of its entry in log_
    ring<logged> log_;                                                     // the entries (n_ - size, n_]
};

}  // namespace parley
