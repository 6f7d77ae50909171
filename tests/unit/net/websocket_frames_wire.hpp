#pragma once

#include "server/net/websocket_frames.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Frames as a test wants to say them, right or wrong, and what a reader makes of them, as lines.
namespace parley::frames_test {

inline constexpr std::uint32_t any_key = 0x9d3c57e1;

struct frame_said {
    std::uint8_t opcode = 2;
    bool final = true;
    std::uint8_t reserved = 0;
    bool masked = true;
    std::string payload;
};

inline bytes wire(const frame_said& frame) {
    bytes out;
    const byte_view payload{reinterpret_cast<const std::uint8_t*>(frame.payload.data()),
                            frame.payload.size()};
    if (frame.masked) {
        append_masked_ws_frame(out, ws_opcode{frame.opcode}, payload, any_key);
    } else {
        append_ws_frame(out, ws_opcode{frame.opcode}, payload);
    }
    out[0] = static_cast<std::uint8_t>((frame.final ? 0x80 : 0) | frame.reserved << 4 | frame.opcode);
    return out;
}

inline bytes wire(const std::vector<frame_said>& frames) {
    bytes out;
    for (const auto& frame : frames) {
        const auto one = wire(frame);
        out.insert(out.end(), one.begin(), one.end());
    }
    return out;
}

inline frame_said binary(std::string payload) {
    return {2, true, 0, true, std::move(payload)};
}

inline frame_said first(std::string payload) {
    return {2, false, 0, true, std::move(payload)};
}

inline frame_said middle(std::string payload) {
    return {0, false, 0, true, std::move(payload)};
}

inline frame_said last(std::string payload) {
    return {0, true, 0, true, std::move(payload)};
}

inline frame_said text(std::string payload) {
    return {1, true, 0, true, std::move(payload)};
}

inline frame_said ping(std::string payload) {
    return {9, true, 0, true, std::move(payload)};
}

inline frame_said pong(std::string payload) {
    return {10, true, 0, true, std::move(payload)};
}

inline frame_said close(std::uint16_t code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason;
    return {8, true, 0, true, std::move(payload)};
}

/// "message hello", "ping x", "pong x", "close 1000 bye", "failure 1002".
inline std::string line_of(const ws_event& event) {
    const std::string payload{event.payload.begin(), event.payload.end()};
    switch (event.what) {
    case ws_event::kind::none: return "none";
    case ws_event::kind::message: return "message " + payload;
    case ws_event::kind::ping: return "ping " + payload;
    case ws_event::kind::pong: return "pong " + payload;
    case ws_event::kind::close: return "close " + std::to_string(event.code) + " " + payload;
    case ws_event::kind::failure: return "failure " + std::to_string(event.code);
    }
    return "unknown";
}

using lines = std::vector<std::string>;
using codes = std::vector<std::uint16_t>;

/// Everything a server reads of `stream`, handed over in pieces of `piece` bytes.
inline lines read_in_pieces(ws_reader& reader, byte_view stream, std::size_t piece) {
    lines read;
    aligned_buffer scratch;
    while (!stream.empty()) {
        auto input = stream.first(std::min(piece, stream.size()));
        stream = stream.subspan(input.size());
        while (const auto event = reader.next(input, scratch)) {
            read.push_back(line_of(event));
        }
    }
    return read;
}

inline lines read_by_server(byte_view stream, std::size_t piece = std::size_t{1} << 30,
                            std::uint32_t limit = limits::ws_message_bytes) {
    ws_reader reader{ws_role::server, limit};
    return read_in_pieces(reader, stream, piece);
}

}  // namespace parley::frames_test
