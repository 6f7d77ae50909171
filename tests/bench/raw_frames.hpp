#pragma once

#include "shared/base/bytes.hpp"

#include <cstdint>
#include <cstring>

/// What the raw server and the generator say to each other: as many bytes as Parley's op and event, of which
/// only the first mean something.
///
///     up    number:uint64  padding          down    seq:uint64  number:uint64  padding
namespace parley::bench {

inline std::uint64_t raw_word(const std::uint8_t* payload, std::size_t index) {
    std::uint64_t word;
    std::memcpy(&word, payload + 8 * index, sizeof word);
    return word;
}

inline void set_raw_word(std::uint8_t* payload, std::size_t index, std::uint64_t word) {
    std::memcpy(payload + 8 * index, &word, sizeof word);
}

}  // namespace parley::bench
