#include "server/store/postgres_values.hpp"

#include <algorithm>
#include <limits>

namespace parley::postgres {

namespace {

constexpr char hex[] = "0123456789abcdef";

std::string hex_of(const std::uint8_t* bytes, std::size_t size) {
    std::string out;
    out.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i)
        out += {hex[bytes[i] >> 4], hex[bytes[i] & 15]};
    return out;
}

/// Big-endian, at the end.
template <class Number>
void append(std::string& to, Number value) {
    for (int shift = 8 * (sizeof value - 1); shift >= 0; shift -= 8)
        to += static_cast<char>(value >> shift & 0xff);
}

// An array begins with five numbers of 32 bits: how many dimensions, whether nulls may come, the type, how
// many elements, the first one's index.
constexpr std::size_t count_at = 12;

void overwrite(std::string& in, std::size_t at, std::uint32_t value) {
    std::string bytes;
    append(bytes, value);
    in.replace(at, bytes.size(), bytes);
}

}  // namespace

std::int64_t clamped(std::uint64_t value) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(value, static_cast<std::uint64_t>(most)));
}

parameter as_parameter(std::int64_t value) {
    return std::to_string(value);
}

parameter as_parameter(const ulid& id) {
    const auto bytes = to_bytes(id);
    return hex_of(bytes.data(), bytes.size());
}

parameter as_parameter(const std::array<std::uint8_t, 32>& bytes) {
    return "\\x" + hex_of(bytes.data(), bytes.size());
}

column::column(of type) {
    for (const auto number : {std::uint32_t{1}, std::uint32_t{1}, static_cast<std::uint32_t>(type),
                              std::uint32_t{0}, std::uint32_t{1}})
        append(bytes_, number);
}

void column::add_size(std::size_t size) {
    append(bytes_, static_cast<std::uint32_t>(size));
    overwrite(bytes_, count_at, ++count_);
}

void column::add_null() {
    add_size(~std::uint32_t{0});
}

void column::add(std::int64_t value) {
    add_size(sizeof value);
    append(bytes_, static_cast<std::uint64_t>(value));
}

void column::add(std::string_view text) {
    add_size(text.size());
    bytes_ += text;
}

void column::add(const ulid& id) {
    const auto bytes = to_bytes(id);
    add_size(bytes.size());
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace parley::postgres
