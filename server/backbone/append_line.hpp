#pragma once

#include "server/backbone/backbone.hpp"

#include <deque>
#include <functional>
#include <span>
#include <vector>

namespace parley {

/// The appends of a process's hubs on their way to a sequencer elsewhere: one call of a bounded number of ops
/// at a time, first come, first served. A call whose answer was lost is made again, the same, before anything
/// newer; the sequencer knows what it has placed already.
class append_line {
public:
    using answer = std::function<void(appended)>;

    void put(std::uint64_t epoch, std::vector<append_item> items, answer later);

    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    /// What to ask now, as long as it is not answered; valid until then.
    [[nodiscard]] std::span<const append_item* const> next();

    // Each gives what is answered for good; to be told outside of all locks.
    using answered = std::vector<std::function<void()>>;

    /// One for each of `next`.
    [[nodiscard]] answered answer_next(std::span<const append_answer> answers);

    /// Another epoch is in force: all that was put for others is lost.
    [[nodiscard]] answered begin(std::uint64_t epoch);

    /// Nobody knows when it goes on: what was not asked is refused for now; the rest waits for its answer.
    [[nodiscard]] answered refuse_unasked();

private:
    struct batch {
        std::uint64_t epoch = 0;
        std::vector<append_item> items;
        std::vector<append_answer> answers;  // `lost` until answered
        std::size_t done = 0;
        std::vector<room_id> stopped;  // an op of theirs was not placed
        answer later;
    };

    [[nodiscard]] static std::function<void()> finish(batch one);
    void compose(batch& from);

    std::deque<batch> waiting_;
    std::vector<std::size_t> asked_;  // of the first, by index
    std::vector<const append_item*> call_;
    std::size_t call_end_ = 0;
};

}  // namespace parley
