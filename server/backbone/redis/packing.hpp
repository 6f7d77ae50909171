#pragma once

#include "shared/base/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers and ids as the scripts' `struct.pack(">…")` has them: big-endian, without padding.
namespace parley::redis {

class packer {
public:
    packer& number(std::uint64_t value, int bytes = 8) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            text_ += static_cast<char>(value >> shift);
        return *this;
    }

    packer& id(const ulid& value) { return number(value.hi).number(value.lo); }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

/// Reads zeros behind the end, and says so.
class unpacker {
public:
    explicit unpacker(std::string_view text) : rest_(text) {}

    [[nodiscard]] std::uint64_t number(int bytes = 8) {
        const auto size = static_cast<std::size_t>(bytes);
        short_ |= rest_.size() < size;
        if (short_) return 0;
        std::uint64_t value = 0;
        for (const char c : rest_.substr(0, size))
            value = value << 8 | static_cast<std::uint8_t>(c);
        rest_.remove_prefix(size);
        return value;
    }

    [[nodiscard]] ulid id() {
        const auto hi = number();
        return {hi, number()};
    }

    /// So many items of that size, if that many can follow.
    [[nodiscard]] std::size_t count(std::size_t item_bytes) {
        const auto many = number(4);
        short_ |= many > rest_.size() / item_bytes;
        return short_ ? 0 : many;
    }

    /// All was there.
    [[nodiscard]] bool whole() const { return !short_; }

private:
    std::string_view rest_;
    bool short_ = false;
};

}  // namespace parley::redis
