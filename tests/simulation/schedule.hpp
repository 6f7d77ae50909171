#pragma once

#include "shared/base/time.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace parley::simulation {

/// The world's only clock. What is to happen waits in order of time, then of scheduling, so a run is the same
/// each time.
class schedule {
public:
    using action = std::function<void()>;

    [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }

    [[nodiscard]] std::uint64_t steps() const { return steps_; }

    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    void after(std::int64_t delay_ms, action what) {
        waiting_.push({now_ms_ + (delay_ms < 0 ? 0 : delay_ms), ++count_, std::move(what)});
    }

    /// Runs the next action; false if there is none before `until_ms`.
    bool step(std::int64_t until_ms) {
        if (waiting_.empty() || waiting_.top().at_ms > until_ms) {
            now_ms_ = until_ms > now_ms_ ? until_ms : now_ms_;
            return false;
        }
        auto next = waiting_.top();
        waiting_.pop();
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
    std::priority_queue<item> waiting_;
};

}  // namespace parley::simulation
