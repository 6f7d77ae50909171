#pragma once

#include "shared/base/ids.hpp"

#include <cstdint>

namespace parley {

/// Seeded, reproducible, the same on every platform (SplitMix64, Steele et al. 2014). Not for secrets.
class random_source {
public:
    explicit random_source(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// Uniform enough in [0, bound); `bound` in [1, 2^32).
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
        return ((next() >> 32) * (bound & 0xffffffffu)) >> 32;
    }

    /// True once in `n` times.
    [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }

    /// A fresh id that carries `wall_ms`, clamped into the range of ids.
    [[nodiscard]] ulid make_id(std::int64_t wall_ms) {
        const auto time = wall_ms < 0 ? 0 : wall_ms > ulid_time_max_ms - 1 ? ulid_time_max_ms - 1 : wall_ms;
        const auto a = next();
        return make_ulid(time, a, next());
    }

private:
    std::uint64_t state_;
};

}  // namespace parley
