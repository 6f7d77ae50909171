#pragma once

#include "server/net/aligned_buffer.hpp"
#include "shared/base/bytes.hpp"
#include "shared/base/limits.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// RFC 6455 framing without a socket, for both ends.
///
/// What the reader refuses, and the close code it gives:
///
///     1002  a reserved bit; an unknown opcode; a frame from a client without a mask, from a server with one;
///           a control frame over 125 bytes or in fragments; a continuation of nothing; a new message inside
///           another; a message of more than 64 fragments; a length not in its shortest form; a close payload
///           of one byte, or with a code that must not be sent
///     1003  a text message: all we say is binary
///     1007  a close reason that is not UTF-8
///     1009  a message above the limit; known at the header, before any of it is kept
///
/// Control frames between fragments are fine. Every byte is judged as it comes, so how the stream was cut
/// never changes what is read.
namespace parley {

enum class ws_opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};

enum class ws_role : std::uint8_t { server, client };

inline constexpr std::uint16_t ws_normal = 1000;
inline constexpr std::uint16_t ws_protocol_error = 1002;
inline constexpr std::uint16_t ws_unsupported = 1003;
inline constexpr std::uint16_t ws_no_status = 1005;
inline constexpr std::uint16_t ws_not_utf8 = 1007;
inline constexpr std::uint16_t ws_too_big = 1009;

inline constexpr std::size_t ws_control_limit_bytes = 125;
inline constexpr std::size_t ws_header_limit_bytes = 14;

struct ws_event {
    enum class kind : std::uint8_t { none, message, ping, pong, close, failure };

    kind what = kind::none;
    /// Of a close: what the peer said, `ws_no_status` if nothing. Of a failure: what to close with.
    std::uint16_t code = 0;
    /// In the scratch: the message or what came with the ping, 8-aligned; or the close reason, which is not.
    byte_view payload;

    explicit operator bool() const { return what != kind::none; }
};

/// Reads one end's incoming frames.
///
///     for (auto input = received; const auto event = reader.next(input, scratch);) { … }
///
/// A connection with nothing half-read holds no memory beside this object.
class ws_reader {
public:
    explicit ws_reader(ws_role role, std::uint32_t limit_bytes = limits::ws_message_bytes)
        : limit_{limit_bytes}, role_{role} {}

    /// Takes from the front of `input` up to the end of the next event. With `kind::none` all input is taken
    /// and what is unfinished is kept. The payload is good until `scratch` is used again; one scratch serves
    /// many readers. After a close or a failure whatever follows is swallowed.
    ws_event next(byte_view& input, aligned_buffer& scratch);

    /// A close or a failure was read.
    [[nodiscard]] bool ended() const { return state_ == state::ended; }

private:
    enum class state : std::uint8_t { reading_header, reading_payload, ended };

    /// These return the close code of what is wrong, 0 if nothing is.
    std::uint16_t read_header(byte_view& input);
    [[nodiscard]] std::uint16_t judge_first_byte() const;
    [[nodiscard]] std::uint16_t judge_second_byte() const;
    std::uint16_t begin_payload();

    ws_event read_payload(byte_view& input, aligned_buffer& scratch);
    ws_event finish_frame(byte_view payload);
    ws_event finish_close(byte_view payload);
    ws_event end(ws_event::kind what, std::uint16_t code, byte_view payload = {});

    [[nodiscard]] bool final() const { return (header_[0] & 0x80) != 0; }

    [[nodiscard]] ws_opcode opcode() const { return static_cast<ws_opcode>(header_[0] & 0x0f); }

    [[nodiscard]] bool control() const { return (header_[0] & 0x08) != 0; }

    [[nodiscard]] bool masked() const { return role_ == ws_role::server; }

    [[nodiscard]] std::size_t header_size() const;

    aligned_buffer message_;  ///< of the message under way, unmasked; empty while a whole frame is at hand
    aligned_buffer control_;  ///< of a control frame under way, which may stand between two fragments
    std::uint32_t limit_;
    std::uint32_t remaining_ = 0;  ///< payload bytes of this frame still to come
    std::uint32_t key_ = 0;        ///< turned so that its first byte is for the next payload byte
    std::array<std::uint8_t, ws_header_limit_bytes> header_{};
    std::uint8_t header_held_ = 0;
    std::uint8_t fragments_ = 0;  ///< of the message under way; 0 between messages
    ws_role role_;
    state state_ = state::reading_header;
};

static_assert(sizeof(ws_reader) <= 64, "one per connection");

/// Writes the header of an unmasked, unfragmented frame: 2, 4 or 10 bytes. Returns how many.
std::size_t write_ws_header(std::uint8_t* out, ws_opcode opcode, std::size_t payload_bytes);

/// Appends a whole frame as a server sends it.
void append_ws_frame(bytes& out, ws_opcode opcode, byte_view payload);

/// Appends a whole frame as a client sends it. The key is any four bytes that nobody can guess.
void append_masked_ws_frame(bytes& out, ws_opcode opcode, byte_view payload, std::uint32_t key);

/// What a close frame carries: nothing for `ws_no_status`; a reason too long is cut between two characters.
bytes ws_close_payload(std::uint16_t code, std::string_view reason = {});

/// May this code stand in a close frame?
bool is_sendable_close_code(std::uint16_t code);

}  // namespace parley
