#include "server/net/websocket_frames.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/random.hpp"
#include "shared/base/utf8.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/targets.hpp"

#include <string>
#include <vector>

namespace parley::fuzz {
namespace {

struct heard {
    ws_event::kind what;
    std::uint16_t code;
    bytes payload;

    friend bool operator==(const heard& a, const heard& b) {
        return a.what == b.what && a.code == b.code && a.payload == b.payload;
    }
};

void check(const ws_event& event, std::uint32_t limit) {
    const auto at = reinterpret_cast<std::uintptr_t>(event.payload.data());
    if (event.what != ws_event::kind::close) PARLEY_ASSERT(event.payload.empty() || at % 8 == 0);
    const bool message = event.what == ws_event::kind::message;
    PARLEY_ASSERT(event.payload.size() <= (message ? limit : ws_control_limit_bytes));
    if (event.what == ws_event::kind::close) {
        PARLEY_ASSERT(event.code == ws_no_status || is_sendable_close_code(event.code));
        PARLEY_ASSERT(
            valid_utf8({reinterpret_cast<const char*>(event.payload.data()), event.payload.size()}));
    }
}

/// Reads the stream in pieces whose sizes come from `cuts`; all of it at once with none.
std::vector<heard> read(byte_view stream, ws_role role, std::uint32_t limit, random_source* cuts) {
    std::vector<heard> events;
    ws_reader reader{role, limit};
    aligned_buffer scratch;
    while (!stream.empty()) {
        auto size = stream.size();
        if (cuts) size = std::min<std::size_t>(size, 1 + cuts->below(cuts->one_in(4) ? 300 : 4));
        auto piece = stream.first(size);
        stream = stream.subspan(size);
        while (const auto event = reader.next(piece, scratch)) {
            check(event, limit);
            events.push_back({event.what, event.code, {event.payload.begin(), event.payload.end()}});
        }
        PARLEY_ASSERT(piece.empty());
    }
    const auto ends = [](const heard& one) {
        return one.what == ws_event::kind::close || one.what == ws_event::kind::failure;
    };
    for (std::size_t i = 0; i + 1 < events.size(); ++i)
        PARLEY_ASSERT(!ends(events[i]));
    PARLEY_ASSERT(reader.ended() == (!events.empty() && ends(events.back())));
    return events;
}

ws_opcode opcode_of(ws_event::kind what) {
    switch (what) {
    case ws_event::kind::ping: return ws_opcode::ping;
    case ws_event::kind::pong: return ws_opcode::pong;
    case ws_event::kind::close: return ws_opcode::close;
    default: return ws_opcode::binary;
    }
}

/// The other end would have said it like this.
bytes said(const std::vector<heard>& events, ws_role reader) {
    bytes stream;
    for (const auto& one : events) {
        if (one.what == ws_event::kind::failure) break;
        auto payload = one.payload;
        if (one.what == ws_event::kind::close)
            payload = ws_close_payload(one.code, std::string{payload.begin(), payload.end()});
        if (reader == ws_role::server) {
            append_masked_ws_frame(stream, opcode_of(one.what), payload, 0x1badf00d);
        } else {
            append_ws_frame(stream, opcode_of(one.what), payload);
        }
    }
    return stream;
}

}  // namespace

void websocket_frames(byte_view input) {
    choices choose{input};
    const auto role = choose.flag() ? ws_role::client : ws_role::server;
    const auto limit = static_cast<std::uint32_t>(choose.flag() ? 200 : limits::ws_message_bytes);
    random_source cuts{choose.byte()};
    const auto stream = choose.rest();

    const auto whole = read(stream, role, limit, nullptr);
    PARLEY_ASSERT(read(stream, role, limit, &cuts) == whole);
    auto kept = whole;
    if (!kept.empty() && kept.back().what == ws_event::kind::failure) kept.pop_back();
    PARLEY_ASSERT(read(said(kept, role), role, limit, &cuts) == kept);
}

}  // namespace parley::fuzz
