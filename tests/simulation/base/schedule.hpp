#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace parley::simulation {

/// The world's only clock. What is to happen waits in order of time, then of scheduling, so a run is the same
/// each time.
class schedule {
public:
    using action = std::function<void()>;

    [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }

    [[nodiscard]] std::uint64_t steps() const { return steps_; }

    void after(std::int64_t delay_ms, action what) {
        waiting_.push_back({now_ms_ + (delay_ms < 0 ? 0 : delay_ms), ++count_, std::move(what)});
        std::push_heap(waiting_.begin(), waiting_.end());
    }

    /// Runs the next action; false, and the time is `until_ms`, if there is none before that.
    bool step(std::int64_t until_ms) {
        if (waiting_.empty() || waiting_.front().at_ms > until_ms) {
            now_ms_ = std::max(now_ms_, until_ms);
            return false;
        }
        std::pop_heap(waiting_.begin(), waiting_.end());
        const auto next = std::move(waiting_.back());
        waiting_.pop_back();
        now_ms_ = next.at_ms;
        ++steps_;
        next.what();
        return true;
    }

private:
    struct item {
        std::int64_t at_ms;
        std::uint64_t number;
        action what;

        friend bool operator<(const item& a, const item& b) {
            return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.number > b.number;
        }
    };

    std::int64_t now_ms_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t steps_ = 0;
    std::vector<item> waiting_;
};

}  // namespace parley::simulation
