#pragma once

#include "shared/base/hash.hpp"
#include "shared/base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace parley::simulation {

/// Whose chance it is. Each actor draws from a stream of its own, so that leaving a step out of a plan
/// changes as little as possible of what the others do.
enum class stream : std::uint8_t {
    plan,
    step,
    tab,
    disk,
    link,
    hub,
    store,
    committer,
    program,
    stranger,
    cast,
    order
};

/// One stream of chance.
class dice {
public:
    explicit dice(std::uint64_t seed) : source_(seed) {}

    dice(std::uint64_t seed, stream whose, std::uint64_t number)
        : source_(
              mix64(mix64(seed ^ (static_cast<std::uint64_t>(whose) + 1) * 0x9e3779b97f4a7c15u) + number)) {}

    [[nodiscard]] std::uint64_t next() { return source_.next(); }

    /// In [0, bound); `bound` at least 1.
    [[nodiscard]] std::uint32_t below(std::size_t bound) {
        return static_cast<std::uint32_t>(source_.below(bound));
    }

    [[nodiscard]] bool one_in(std::uint32_t n) { return below(n) == 0; }

    [[nodiscard]] bool percent(std::uint32_t p) { return p > 0 && below(100) < p; }

    [[nodiscard]] bool permille(std::uint32_t p) { return p > 0 && below(1000) < p; }

    /// In [0, most].
    [[nodiscard]] std::int64_t upto(std::int64_t most) {
        return most <= 0 ? 0 : static_cast<std::int64_t>(below(static_cast<std::size_t>(most) + 1));
    }

    [[nodiscard]] std::int64_t pick(std::initializer_list<std::int64_t> choices) {
        return *(choices.begin() + static_cast<std::ptrdiff_t>(below(choices.size())));
    }

    template <class T>
    [[nodiscard]] T& any_of(std::vector<T>& all) {
        return all[below(all.size())];
    }

    [[nodiscard]] random_source& source() { return source_; }

private:
    random_source source_;
};

}  // namespace parley::simulation
