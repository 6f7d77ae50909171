#pragma once

#include "shared/base/hash.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace parley {

/// The key of payload hashes as stores keep it: 32 hexadecimal digits.
[[nodiscard]] inline std::optional<hash_key> parse_payload_key(std::string_view hex) {
    hash_key key;
    const auto half = [&](std::size_t from, std::uint64_t& into) {
        const char* begin = hex.data() + from;
        return std::from_chars(begin, begin + 16, into, 16).ptr == begin + 16;
    };
    if (hex.size() != 32 || !half(0, key.k0) || !half(16, key.k1)) return std::nullopt;
    return key;
}

}  // namespace parley
