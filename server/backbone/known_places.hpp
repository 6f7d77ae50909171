#pragma once

#include "server/backbone/backbone.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <span>
#include <vector>

namespace parley {

/// Where changes stand, as far as a process has read the log of its epoch: all above the settled place and
/// the last `limits::log_settled_entries` below.
class known_places {
public:
    void forget();
    void place(const placed_entry& entry);
    void settle(const settled_entry& settled);

    /// One standing each; `seq` 0 where it knows nothing.
    [[nodiscard]] std::vector<standing> find(room_id room, std::span<const change_id> changes) const;

    /// Something placed is not settled.
    [[nodiscard]] bool provisional() const { return settled_ < places_.size(); }

    [[nodiscard]] std::uint64_t upto() const { return upto_; }

private:
    struct known {
        change_id change;
        room_id room;
        std::uint64_t n = 0;
        standing at;
    };

    std::deque<known> places_;  // in the order of the log
    std::size_t settled_ = 0;   // so many at the front
    std::uint64_t upto_ = 0;
    std::uint64_t forgotten_ = 0;                                           // so many stood before the first
    boost::unordered_flat_map<change_id, std::uint64_t, id_hash> numbers_;  // from the first ever
};

}  // namespace parley
