#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/errors.hpp"
#include "shared/wire/frames.hpp"

/// Frames to bytes and back.
///
/// A WebSocket message holds one or more frames; a frame is a size-prefixed FlatBuffer padded to 8 bytes:
///
///     message := frame+            frame := size:uint32le flatbuffer[size] zero*   (to a multiple of 8)
///
/// `append` puts one frame at the end of a message. To read, cut the message with `frame_reader`, then
/// `decode_…`. A decoded frame has passed `validate`: its text is UTF-8 without NUL and within its limits.
namespace parley::wire {

void append(bytes& message, const hello& frame);
void append(bytes& message, const subscribe& frame);
void append(bytes& message, const unsubscribe& frame);
void append(bytes& message, const settle& frame);
void append(bytes& message, const op& frame);
void append(bytes& message, const request& frame);
void append(bytes& message, const receipt& frame);
void append(bytes& message, const ping& frame);

void append(bytes& message, const welcome& frame);
void append(bytes& message, const room& frame);
void append(bytes& message, const page& frame);
void append(bytes& message, const event& frame);
void append(bytes& message, const reply& frame);
void append(bytes& message, const op_reply& frame);
void append(bytes& message, const watermark& frame);
void append(bytes& message, const truncated& frame);
void append(bytes& message, const behind& frame);
void append(bytes& message, const lost& frame);
void append(bytes& message, const pong& frame);
void append(bytes& message, const going_away& frame);
void append(bytes& message, const error_frame& frame);

/// Cuts a message into frames:
///
///     frame_reader frames{message};
///     for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) … decode_up(frame) …
///     if (frames.malformed()) …
class frame_reader {
public:
    /// `message` must be 8-aligned and outlive the reader.
    explicit frame_reader(byte_view message) : rest_(message) {}

    /// The next frame with its prefix, without padding; empty at the end or where the rest is malformed.
    [[nodiscard]] byte_view next();

    [[nodiscard]] bool malformed() const { return malformed_; }

private:
    byte_view rest_;
    bool malformed_ = false;
};

/// Fails with `malformed`, `too_large`, `bad_text`, `bad_name` or `empty`. A frame of a later version, or one
/// that goes the other way, is `skipped`.
[[nodiscard]] result<frame_up> decode_up(byte_view frame);
[[nodiscard]] result<frame_down> decode_down(byte_view frame);

}  // namespace parley::wire
