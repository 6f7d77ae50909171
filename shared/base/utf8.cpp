#include "shared/base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace parley {

namespace {

struct lead {
    std::size_t length;
    std::uint8_t second_min;
    std::uint8_t second_max;
};

/// RFC 3629, section 4: which second bytes may follow a lead byte; length 0 where none may.
lead lead_of(std::uint8_t byte) {
    if (byte >= 0xc2 && byte <= 0xdf) return {2, 0x80, 0xbf};
    if (byte == 0xe0) return {3, 0xa0, 0xbf};
    if (byte == 0xed) return {3, 0x80, 0x9f};
    if (byte >= 0xe1 && byte <= 0xef) return {3, 0x80, 0xbf};
    if (byte == 0xf0) return {4, 0x90, 0xbf};
    if (byte >= 0xf1 && byte <= 0xf3) return {4, 0x80, 0xbf};
    if (byte == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

bool eight_ascii(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return (word & 0x8080808080808080u) == 0;
}

}  // namespace

bool valid_utf8(std::string_view text) {
    std::size_t i = 0;
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    while (i < text.size()) {
        if (text.size() - i >= 8 && eight_ascii(text.data() + i)) {
            i += 8;
            continue;
        }
        if (byte(i) < 0x80) {
            ++i;
            continue;
        }
        const auto [length, second_min, second_max] = lead_of(byte(i));
        if (length == 0 || text.size() - i < length) return false;
        if (byte(i + 1) < second_min || byte(i + 1) > second_max) return false;
        for (std::size_t k = 2; k < length; ++k)
            if ((byte(i + k) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

bool has_nul(std::string_view text) {
    for (const char c : text)
        if (c == '\0') return true;
    return false;
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<std::uint8_t>(c) & 0xc0) != 0x80;
    return count;
}

}  // namespace parley
