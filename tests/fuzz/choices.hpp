#pragma once

#include "shared/base/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace parley::fuzz {

/// Reads an input as a row of decisions. Behind its end everything is 0, so each prefix of an input is one.
class choices {
public:
    explicit choices(byte_view input) : rest_(input) {}

    [[nodiscard]] bool done() const { return rest_.empty(); }

    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }

    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value |= std::uint64_t{byte()} << (8 * i);
        return value;
    }

    /// In [0, bound); `bound` in [1, 256].
    std::size_t below(std::size_t bound) { return bound <= 1 ? 0 : byte() % bound; }

    bool flag() { return (byte() & 1) != 0; }

    /// Mostly small, sometimes at an edge of what fits.
    std::uint64_t quantity() {
        const auto first = byte();
        if (first < 0xe0) return first;
        switch (first & 7) {
        case 0: return ~std::uint64_t{0};
        case 1: return ~std::uint64_t{0} - 1;
        case 2: return std::uint64_t{1} << 63;
        case 3: return std::uint64_t{1} << 32;
        case 4: return std::uint64_t{1} << 53;
        case 5: return ~std::uint64_t{0} >> 1;
        default: return number(8);
        }
    }

    byte_view take(std::size_t size) {
        const auto part = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(part.size());
        return part;
    }

    /// A length of two bytes, then so many.
    byte_view run() { return take(number(2)); }

    /// Mostly short text of the input's own bytes, sometimes long, so that limits are met by small inputs.
    std::string text() {
        const auto first = byte();
        if (first < 0xf0) {
            const auto part = take(first % 16);
            return {part.begin(), part.end()};
        }
        const auto length = number(2);
        const auto part = take(1 + (first & 3));
        std::string all;
        while (all.size() < length && !part.empty())
            all.append(part.begin(), part.end());
        return all;
    }

    byte_view rest() { return take(rest_.size()); }

private:
    byte_view rest_;
};

}  // namespace parley::fuzz
