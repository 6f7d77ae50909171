#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// A 128-bit sortable identifier: 48 bits of milliseconds since 1970, 80 bits of chance
/// (github.com/ulid/spec).
struct ulid {
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;

    [[nodiscard]] constexpr bool is_zero() const { return hi == 0 && lo == 0; }

    [[nodiscard]] constexpr std::int64_t time_ms() const { return static_cast<std::int64_t>(hi >> 16); }

    friend constexpr bool operator==(const ulid& a, const ulid& b) { return a.hi == b.hi && a.lo == b.lo; }

    friend constexpr bool operator<(const ulid& a, const ulid& b) {
        return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
    }
};

/// The largest time that fits; ids hashed from foreign keys carry it and are exempt from the range of op ids.
inline constexpr std::int64_t ulid_time_max_ms = (std::int64_t{1} << 48) - 1;

/// `time_ms` in [0, ulid_time_max_ms]; the 80 bits of chance come from `a` (16 lowest bits) and `b`.
[[nodiscard]] constexpr ulid make_ulid(std::int64_t time_ms, std::uint64_t a, std::uint64_t b) {
    return {(static_cast<std::uint64_t>(time_ms) << 16) | (a & 0xffff), b};
}

inline constexpr std::size_t ulid_text_length = 26;

/// 26 characters of Crockford's base 32, upper case.
[[nodiscard]] std::string to_text(const ulid& id);

/// Accepts either case; nothing else than 26 characters of the alphabet whose first is at most 7.
[[nodiscard]] std::optional<ulid> parse_ulid(std::string_view text);

/// As stored: 16 bytes, big-endian, so that byte order is id order.
[[nodiscard]] std::array<std::uint8_t, 16> to_bytes(const ulid& id);
[[nodiscard]] ulid ulid_from_bytes(const std::uint8_t* sixteen);

/// A ulid that can't be mistaken for another kind of id.
template <class Tag>
struct strong_id {
    ulid value;

    [[nodiscard]] constexpr bool is_zero() const { return value.is_zero(); }

    friend constexpr bool operator==(const strong_id& a, const strong_id& b) { return a.value == b.value; }

    friend constexpr bool operator<(const strong_id& a, const strong_id& b) { return a.value < b.value; }
};

using user_id = strong_id<struct user_tag>;
using device_id = strong_id<struct device_tag>;
using session_id = strong_id<struct session_tag>;
using login_id = strong_id<struct login_tag>;
using room_id = strong_id<struct room_tag>;
using op_id = strong_id<struct op_tag>;

template <class Tag>
[[nodiscard]] std::string to_text(const strong_id<Tag>& id) {
    return to_text(id.value);
}

/// What names a change, for ever and everywhere (L1).
struct change_id {
    user_id author;
    op_id op;

    friend constexpr bool operator==(const change_id& a, const change_id& b) {
        return a.author == b.author && a.op == b.op;
    }

    friend constexpr bool operator<(const change_id& a, const change_id& b) {
        return a.op == b.op ? a.author < b.author : a.op < b.op;
    }
};

/// For look-ups in hash tables only: an order of iteration must never reach an output (L16).
struct id_hash {
    [[nodiscard]] constexpr std::size_t operator()(const ulid& id) const {
        std::uint64_t x = id.hi * 0x9e3779b97f4a7c15u ^ id.lo;
        x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
        return static_cast<std::size_t>(x ^ (x >> 32));
    }

    template <class Tag>
    [[nodiscard]] constexpr std::size_t operator()(const strong_id<Tag>& id) const {
        return (*this)(id.value);
    }

    [[nodiscard]] constexpr std::size_t operator()(const change_id& id) const {
        return (*this)(id.op.value) * 31 + (*this)(id.author.value);
    }
};

}  // namespace parley
