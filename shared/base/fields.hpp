#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// Fields one behind another, for what is kept rather than sent: numbers little-endian, ids as their 16
/// bytes, texts and blobs as a length:u32 and bytes.
namespace parley {

class field_writer {
public:
    void number(std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }

    void id(const ulid& value) { raw(to_bytes(value)); }

    void raw(byte_view value) {
        for (const auto byte : value)
            out_.push_back(byte);
    }

    void blob(byte_view value) {
        number(value.size(), 4);
        raw(value);
    }

    void text(std::string_view value) {
        blob({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    }

    /// All so far.
    [[nodiscard]] const bytes& written() const { return out_; }

    [[nodiscard]] bytes take() { return std::move(out_); }

private:
    bytes out_;
};

/// Borrows what it reads. Reads past the end give zeros and are remembered.
class field_reader {
public:
    explicit field_reader(byte_view in) : rest_(in) {}

    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        const auto part = take(size);
        for (std::size_t i = 0; i < part.size(); ++i)
            value |= static_cast<std::uint64_t>(part[i]) << (8 * i);
        return value;
    }

    ulid id() {
        const auto part = take(16);
        return part.size() == 16 ? ulid_from_bytes(part.data()) : ulid{};
    }

    byte_view blob() { return take(static_cast<std::size_t>(number(4))); }

    std::string text() {
        const auto part = blob();
        return std::string(reinterpret_cast<const char*>(part.data()), part.size());
    }

    /// How many follow, each of at least so many bytes; zero if there can't be so many, so that nothing is
    /// reserved for what is not there.
    std::size_t count(std::size_t smallest) {
        const auto said = static_cast<std::size_t>(number(4));
        if (said > rest_.size() / smallest) refuse();
        return refused_ ? 0 : said;
    }

    /// It can't be what was written.
    void refuse() { refused_ = true; }

    [[nodiscard]] bool refused() const { return refused_; }

    /// All was read, and nothing that was not there.
    [[nodiscard]] bool whole() const { return !refused_ && rest_.empty(); }

private:
    byte_view take(std::size_t size) {
        if (size > rest_.size()) {
            refuse();
            return {};
        }
        const auto part = rest_.first(size);
        rest_ = rest_.subspan(size);
        return part;
    }

    byte_view rest_;
    bool refused_ = false;
};

}  // namespace parley
