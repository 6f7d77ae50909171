#pragma once

#include "shared/base/bytes.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <string>

namespace parley::bench {

/// What a benchmark says, unless a row says otherwise.
inline constexpr std::size_t usual_text_bytes = 100;
inline const std::string sample_text(usual_text_bytes, 'x');
inline const std::string sample_author = "bench-0001";

/// The same message as a client sends it and as a hub sends it on, in bytes of WebSocket payload.
std::size_t op_message_bytes();
std::size_t event_message_bytes();

/// An op that is encoded once and then only changed in place, so that writing costs the generator as little
/// as it does with the raw server.
class op_template {
public:
    explicit op_template(const room_id& room, std::size_t text_bytes = usual_text_bytes);

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
