#include "server/net/websocket_frames.hpp"

#include "shared/base/utf8.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace parley {
namespace {

static_assert(std::endian::native == std::endian::little, "the mask's first byte is the key's lowest");

/// Copies while it masks or unmasks, and returns the key turned for the byte that follows.
std::uint32_t copy_masked(std::uint8_t* out, byte_view in, std::uint32_t key) {
    const std::uint64_t wide_key = std::uint64_t{key} << 32 | key;
    std::size_t i = 0;
    for (; i + 8 <= in.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, in.data() + i, 8);
        word ^= wide_key;
        std::memcpy(out + i, &word, 8);
    }
    for (; i < in.size(); ++i) {
        out[i] = in[i] ^ static_cast<std::uint8_t>(key >> (8 * (i & 3)));
    }
    return std::rotr(key, static_cast<int>(8 * (in.size() & 3)));
}

std::uint64_t big_endian(const std::uint8_t* from, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8 | from[i];
    }
    return value;
}

constexpr std::uint8_t masked_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7f;
constexpr std::uint8_t two_byte_length = 126;
constexpr std::uint8_t eight_byte_length = 127;

}  // namespace

ws_event ws_reader::next(byte_view& input, aligned_buffer& scratch) {
    while (state_ != state::ended) {
        if (state_ == state::reading_header) {
            if (const auto wrong = read_header(input); wrong != 0) {
                input = {};
                return end(ws_event::kind::failure, wrong);
            }
            if (state_ == state::reading_header) {
                return {};
            }
        }
        const auto event = read_payload(input, scratch);
        if (event || state_ == state::reading_payload) {
            return event;
        }
    }
    input = {};
    return {};
}

std::uint16_t ws_reader::read_header(byte_view& input) {
    for (std::size_t taken = 0; taken < input.size();) {
        header_[header_held_++] = input[taken++];
        std::uint16_t wrong = 0;
        if (header_held_ == 1) {
            wrong = judge_first_byte();
        } else if (header_held_ == 2) {
            wrong = judge_second_byte();
        }
        if (wrong != 0) {
            return wrong;
        }
        if (header_held_ == header_size()) {
            input = input.subspan(taken);
            return begin_payload();
        }
    }
    input = {};
    return 0;
}

std::uint16_t ws_reader::judge_first_byte() const {
    if ((header_[0] & 0x70) != 0) {
        return ws_protocol_error;
    }
    switch (opcode()) {
    case ws_opcode::continuation: return fragments_ != 0 ? 0 : ws_protocol_error;
    case ws_opcode::text: return fragments_ == 0 ? ws_unsupported : ws_protocol_error;
    case ws_opcode::binary: return fragments_ == 0 ? 0 : ws_protocol_error;
    case ws_opcode::close:
    case ws_opcode::ping:
    case ws_opcode::pong: return final() ? 0 : ws_protocol_error;
    }
    return ws_protocol_error;
}

std::uint16_t ws_reader::judge_second_byte() const {
    const bool is_masked = (header_[1] & masked_bit) != 0;
    const bool is_long_control = control() && (header_[1] & length_bits) > ws_control_limit_bytes;
    return is_masked == masked() && !is_long_control ? 0 : ws_protocol_error;
}

std::size_t ws_reader::header_size() const {
    if (header_held_ < 2) {
        return 2;
    }
    const auto length = header_[1] & length_bits;
    const std::size_t extended = length == two_byte_length ? 2 : length == eight_byte_length ? 8 : 0;
    return 2 + extended + (masked() ? 4 : 0);
}

std::uint16_t ws_reader::begin_payload() {
    std::uint64_t length = header_[1] & length_bits;
    std::size_t key_at = 2;
    if (length == two_byte_length) {
        length = big_endian(&header_[2], 2);
        key_at = 4;
        if (length < two_byte_length) {
            return ws_protocol_error;
        }
    } else if (length == eight_byte_length) {
        length = big_endian(&header_[2], 8);
        key_at = 10;
        if (length <= 0xffff || length >> 63 != 0) {
            return ws_protocol_error;
        }
    }
    if (!control()) {
        if (fragments_ == limits::ws_fragments) {
            return ws_protocol_error;
        }
        if (length > limit_ || message_.size() + length > limit_) {
            return ws_too_big;
        }
        ++fragments_;
    }
    remaining_ = static_cast<std::uint32_t>(length);
    if (masked()) {
        std::memcpy(&key_, &header_[key_at], 4);
    }
    header_held_ = 0;
    state_ = state::reading_payload;
    return 0;
}

ws_event ws_reader::read_payload(byte_view& input, aligned_buffer& scratch) {
    const auto piece = input.first(std::min<std::size_t>(remaining_, input.size()));
    auto& kept = control() ? control_ : message_;
    const bool ends_frame = piece.size() == remaining_;
    const bool is_whole = ends_frame && kept.empty() && final() && (control() || fragments_ == 1);

    auto* to = is_whole ? scratch.reset(piece.size()) : kept.extend(piece.size());
    key_ = copy_masked(to, piece, key_);
    remaining_ -= static_cast<std::uint32_t>(piece.size());
    input = input.subspan(piece.size());
    if (!ends_frame) {
        return {};
    }
    state_ = state::reading_header;
    if (!final()) {
        return {};
    }
    if (!is_whole) {
        scratch = std::move(kept);
        kept.release();
    }
    return finish_frame(scratch.bytes());
}

ws_event ws_reader::finish_frame(byte_view payload) {
    switch (opcode()) {
    case ws_opcode::close: return finish_close(payload);
    case ws_opcode::ping: return {ws_event::kind::ping, 0, payload};
    case ws_opcode::pong: return {ws_event::kind::pong, 0, payload};
    default: fragments_ = 0; return {ws_event::kind::message, 0, payload};
    }
}

ws_event ws_reader::finish_close(byte_view payload) {
    if (payload.empty()) {
        return end(ws_event::kind::close, ws_no_status);
    }
    const auto code = static_cast<std::uint16_t>(payload.size() < 2 ? 0 : big_endian(payload.data(), 2));
    if (!is_sendable_close_code(code)) {
        return end(ws_event::kind::failure, ws_protocol_error);
    }
    const auto reason = payload.subspan(2);
    if (!valid_utf8({reinterpret_cast<const char*>(reason.data()), reason.size()})) {
        return end(ws_event::kind::failure, ws_not_utf8);
    }
    return end(ws_event::kind::close, code, reason);
}

ws_event ws_reader::end(ws_event::kind what, std::uint16_t code, byte_view payload) {
    state_ = state::ended;
    message_.release();
    control_.release();
    return {what, code, payload};
}

namespace {

std::size_t write_header(std::uint8_t* out, ws_opcode opcode, std::size_t payload_bytes, std::uint8_t mask) {
    out[0] = 0x80 | static_cast<std::uint8_t>(opcode);
    if (payload_bytes < two_byte_length) {
        out[1] = mask | static_cast<std::uint8_t>(payload_bytes);
        return 2;
    }
    const std::size_t extended = payload_bytes <= 0xffff ? 2 : 8;
    out[1] = mask | (extended == 2 ? two_byte_length : eight_byte_length);
    for (std::size_t i = 0; i < extended; ++i) {
        out[2 + i] = static_cast<std::uint8_t>(std::uint64_t{payload_bytes} >> (8 * (extended - 1 - i)));
    }
    return 2 + extended;
}

}  // namespace

std::size_t write_ws_header(std::uint8_t* out, ws_opcode opcode, std::size_t payload_bytes) {
    return write_header(out, opcode, payload_bytes, 0);
}

void append_ws_frame(bytes& out, ws_opcode opcode, byte_view payload) {
    std::array<std::uint8_t, ws_header_limit_bytes> header;
    const auto size = write_ws_header(header.data(), opcode, payload.size());
    out.insert(out.end(), header.data(), header.data() + size);
    out.insert(out.end(), payload.begin(), payload.end());
}

void append_masked_ws_frame(bytes& out, ws_opcode opcode, byte_view payload, std::uint32_t key) {
    std::array<std::uint8_t, ws_header_limit_bytes> header;
    auto size = write_header(header.data(), opcode, payload.size(), masked_bit);
    std::memcpy(header.data() + size, &key, sizeof key);
    size += sizeof key;
    out.insert(out.end(), header.data(), header.data() + size);
    out.resize(out.size() + payload.size());
    copy_masked(out.data() + out.size() - payload.size(), payload, key);
}

bytes ws_close_payload(std::uint16_t code, std::string_view reason) {
    if (code == ws_no_status) {
        return {};
    }
    bytes payload{static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code)};
    auto length = std::min(reason.size(), ws_control_limit_bytes - payload.size());
    const auto inside_a_character = [&] {
        return (static_cast<unsigned char>(reason[length]) & 0xc0) == 0x80;
    };
    while (length != 0 && length < reason.size() && inside_a_character()) {
        --length;
    }
    payload.insert(payload.end(), reason.begin(), reason.begin() + static_cast<std::ptrdiff_t>(length));
    return payload;
}

bool is_sendable_close_code(std::uint16_t code) {
    constexpr std::uint16_t reserved = 1004;
    constexpr std::uint16_t abnormal = 1006;
    constexpr std::uint16_t last_assigned = 1014;
    const bool assigned = code >= ws_normal && code <= last_assigned && code != reserved &&
                          code != ws_no_status && code != abnormal;
    return assigned || (code >= 3000 && code <= 4999);
}

}  // namespace parley
