#pragma once

#include <chrono>
#include <cstdint>

namespace parley {

/// All entries of `epoch` up to `n`.
struct settled_place {
    std::uint64_t epoch = 0;  ///< 0: of none
    std::uint64_t n = 0;
};

/// The port to how far this process has read of what is settled. Thread-safe.
class settled_watch {
public:
    virtual ~settled_watch() = default;

    [[nodiscard]] virtual settled_place settled() const = 0;

    /// Blocks until the log has told that `place` is settled: true; false if it did not in that time, or
    /// another epoch is in force.
    [[nodiscard]] virtual bool wait_settled(settled_place place, std::chrono::milliseconds most) const = 0;
};

}  // namespace parley
