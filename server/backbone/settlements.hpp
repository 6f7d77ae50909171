#pragma once

#include "server/backbone/backbone.hpp"

#include <deque>

namespace parley {

/// What was settled and Redis has not acknowledged: said as one, again and again, until it has.
class settlements {
public:
    void put(const settled_entry& settled) { waiting_.push_back(settled); }

    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    [[nodiscard]] settled_entry all() const;

    /// Redis has everything settled up to there.
    void acknowledge(std::uint64_t upto);

    /// Of older epochs nothing is said any more.
    void begin(std::uint64_t epoch);

private:
    std::deque<settled_entry> waiting_;
};

}  // namespace parley
