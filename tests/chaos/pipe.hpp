#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/random.hpp"
#include "tests/chaos/forecast.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace parley::chaos {

/// One direction of a connection. What comes in waits here until its fate lets it leave; its order stays.
///
///     pipe up{fate.up, seed};
///     up.put(now_ms, input);
///     up.sent(now_ms, write(up.due(now_ms)));
class pipe {
public:
    pipe(path_fate fate, std::uint64_t seed);

    void put(std::int64_t now_ms, byte_view input);

    /// What may leave now, in one piece; empty if nothing may.
    [[nodiscard]] byte_view due(std::int64_t now_ms) const;

    /// The first `count` bytes of what was due have left.
    void sent(std::int64_t now_ms, std::size_t count);

    /// When something is due; not before `put` or never if there is none.
    [[nodiscard]] std::optional<std::int64_t> due_ms() const;

    /// It has carried all that it ever will.
    [[nodiscard]] bool ended() const { return fate_.ends_at && carried_ >= *fate_.ends_at; }

    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    /// Takes no more for now.
    [[nodiscard]] bool full() const;

    /// How often it has stalled.
    [[nodiscard]] std::size_t stalls() const { return stalls_; }

    /// Another fate from here on: its bytes count from now.
    void meet(path_fate fate);

    /// From now on it carries everything at once.
    void calm();

private:
    struct chunk {
        bytes content;
        std::int64_t due_ms = 0;
    };

    void begin_stall(std::int64_t now_ms);

    path_fate fate_;
    random_source chance_;
    std::deque<chunk> waiting_;
    std::size_t left_of_first_ = 0;  ///< bytes of the first chunk that have left
    std::size_t bytes_waiting_ = 0;
    std::uint64_t carried_ = 0;
    std::int64_t held_until_ms_ = 0;
    std::size_t stalls_ = 0;
};

}  // namespace parley::chaos
