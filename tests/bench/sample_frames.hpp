#pragma once

#include "shared/base/bytes.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <string>

namespace parley::bench {

/// What a benchmark says: 100 bytes of text.
inline const std::string sample_text(100, 'x');
inline const std::string sample_author = "bench-0001";

/// The same message as a client sends it and as a hub sends it on, in bytes of WebSocket payload.
std::size_t op_message_bytes();
std::size_t event_message_bytes();

/// An op that is encoded once and then only changed in place, so that writing costs the generator as little
/// as it does with the raw server.
class op_template {
public:
    explicit op_template(const room_id& room);

    /// The payload of the message with this number, good until the next call.
    byte_view with(std::uint64_t number, std::uint64_t since, std::uint32_t offer);

private:
    bytes message_;
    std::size_t number_at_;
    std::size_t since_at_;
    std::size_t offer_at_;
};

/// A fresh op id; `number` is found again in the event.
op_id op_id_of(std::uint64_t number);

}  // namespace parley::bench
