#pragma once

#include "shared/base/bytes.hpp"

#include <memory>

namespace parley {

/// One WebSocket message, encoded once and shared by every session it goes to: header and frames, ready to
/// write.
class outgoing {
public:
    outgoing() {
        buffer_.reserve(usual_size);
        buffer_.resize(header_space);
    }

    /// The frames so far; `append` of the codec writes behind them. Starts with room for the header.
    [[nodiscard]] bytes& buffer() { return buffer_; }

    [[nodiscard]] bool empty() const { return buffer_.size() == header_space; }

    [[nodiscard]] std::size_t payload_size() const { return buffer_.size() - header_space; }

    /// Writes the header (RFC 6455, 5.2: final, binary, unmasked) before the frames. Nothing is appended
    /// afterwards.
    void seal();

    /// What goes to the socket; only once sealed.
    [[nodiscard]] byte_view wire_bytes() const { return byte_view{buffer_}.subspan(start_); }

    /// Only the frames, as a receiver's codec wants them.
    [[nodiscard]] byte_view payload() const { return byte_view{buffer_}.subspan(header_space); }

private:
    static constexpr std::size_t header_space = 8;  ///< keeps the frames 8-aligned
    static constexpr std::size_t usual_size = 512;
    bytes buffer_;
    std::size_t start_ = header_space;
};

using outgoing_ptr = std::shared_ptr<outgoing>;

}  // namespace parley
