#pragma once

#include "shared/base/ring.hpp"
#include "shared/base/time.hpp"

#include <cstdint>
#include <optional>

namespace parley {

/// Things that are due a fixed time after they were put in, hence in that order. What is no longer wanted
/// stays until it is due: whoever takes it looks whether it still matters.
template <class Thing>
class timer_queue {
public:
    explicit timer_queue(std::int64_t delay_ms) : delay_ms_(delay_ms) {}

    void put(std::int64_t now_ms, Thing thing) { waiting_.push_back({now_ms + delay_ms_, std::move(thing)}); }

    [[nodiscard]] std::optional<Thing> take(std::int64_t now_ms) {
        if (waiting_.empty() || waiting_.front().due_ms > now_ms) return {};
        return waiting_.pop_front().thing;
    }

    [[nodiscard]] std::int64_t delay_ms() const { return delay_ms_; }

    /// The oldest, due or not.
    [[nodiscard]] std::optional<Thing> take_early() {
        if (waiting_.empty()) return {};
        return waiting_.pop_front().thing;
    }

    [[nodiscard]] std::optional<deadline_ms> next() const {
        if (waiting_.empty()) return {};
        return waiting_.front().due_ms;
    }

private:
    struct entry {
        deadline_ms due_ms = 0;
        Thing thing{};
    };

    std::int64_t delay_ms_;
    ring<entry> waiting_;
};

}  // namespace parley
