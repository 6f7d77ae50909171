#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace parley {

/// Bytes that begin on an 8-byte boundary, as the wire's frames want to be read. Growing leaves them
/// uncleared.
class aligned_buffer {
public:
    aligned_buffer() = default;

    aligned_buffer(aligned_buffer&& other) noexcept
        : words_{std::move(other.words_)},
          size_{std::exchange(other.size_, 0)},
          capacity_{std::exchange(other.capacity_, 0)} {}

    aligned_buffer& operator=(aligned_buffer&& other) noexcept {
        words_ = std::move(other.words_);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
        return *this;
    }

    [[nodiscard]] bool empty() const { return size_ == 0; }

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] std::size_t capacity() const { return capacity_; }

    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data(), size_}; }

    /// Forgets what it held and makes room for `size` bytes, which are the caller's to fill.
    std::uint8_t* reset(std::size_t size) {
        size_ = 0;
        return extend(size);
    }

    /// Keeps what it holds and returns room for `more` bytes behind it.
    std::uint8_t* extend(std::size_t more) {
        reserve(size_ + more);
        auto* room = data() + size_;
        size_ += static_cast<std::uint32_t>(more);
        return room;
    }

    /// Gives the memory back.
    void release() { *this = aligned_buffer{}; }

private:
    [[nodiscard]] std::uint8_t* data() const { return reinterpret_cast<std::uint8_t*>(words_.get()); }

    void reserve(std::size_t size) {
        if (size <= capacity_) {
            return;
        }
        constexpr std::size_t smallest = 64;
        const std::size_t words = (std::max({size, 2 * std::size_t{capacity_}, smallest}) + 7) / 8;
        std::unique_ptr<std::uint64_t[]> grown{new std::uint64_t[words]};
        if (size_ != 0) {
            std::memcpy(grown.get(), words_.get(), size_);
        }
        words_ = std::move(grown);
        capacity_ = static_cast<std::uint32_t>(8 * words);
    }

    std::unique_ptr<std::uint64_t[]> words_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

}  // namespace parley
