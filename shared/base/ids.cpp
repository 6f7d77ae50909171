#include "shared/base/ids.hpp"

namespace parley {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int digit_of(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    for (std::size_t at = 0; at < alphabet.size(); ++at)
        if (alphabet[at] == c) return static_cast<int>(at);
    return -1;
}

}  // namespace

std::string to_text(const ulid& id) {
    std::string text(ulid_text_length, '0');
    ulid rest = id;
    for (std::size_t i = ulid_text_length; i-- > 0;) {
        text[i] = alphabet[rest.lo & 31];
        rest.lo = (rest.lo >> 5) | (rest.hi << 59);
        rest.hi >>= 5;
    }
    return text;
}

std::optional<ulid> parse_ulid(std::string_view text) {
    if (text.size() != ulid_text_length || digit_of(text[0]) > 7) return std::nullopt;
    ulid id;
    for (const char c : text) {
        const int digit = digit_of(c);
        if (digit < 0) return std::nullopt;
        id.hi = (id.hi << 5) | (id.lo >> 59);
        id.lo = (id.lo << 5) | static_cast<std::uint64_t>(digit);
    }
    return id;
}

std::array<std::uint8_t, 16> to_bytes(const ulid& id) {
    std::array<std::uint8_t, 16> out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<std::uint8_t>(id.hi >> (56 - 8 * i));
        out[i + 8] = static_cast<std::uint8_t>(id.lo >> (56 - 8 * i));
    }
    return out;
}

ulid ulid_from_bytes(const std::uint8_t* sixteen) {
    ulid id;
    for (std::size_t i = 0; i < 8; ++i) {
        id.hi = id.hi << 8 | sixteen[i];
        id.lo = id.lo << 8 | sixteen[i + 8];
    }
    return id;
}

}  // namespace parley
