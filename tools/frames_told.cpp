#include "tools/frames_told.hpp"

#include "shared/base/visit.hpp"
#include "shared/wire/codec.hpp"
#include "shared/wire/parley_generated.h"

#include <string>

namespace parley {

namespace {

constexpr std::size_t most_shown = 120;

const char* name_of_kind(change_kind kind) {
    const auto* name = v1::EnumNamechange_kind(static_cast<v1::change_kind>(kind));
    return *name ? name : "?";
}

struct code {
    errc value;
};

std::ostream& operator<<(std::ostream& out, const code& what) {
    return what.value == errc::none ? out : out << ' ' << name_of(what.value);
}

void tell(std::ostream& out, const wire::skipped&) {
    out << "something of a later version";
}

void tell(std::ostream& out, const wire::hello& f) {
    out << "hello version " << f.version << " user " << f.user << " device " << f.device << " program "
        << quoted{f.program};
}

void tell(std::ostream& out, const wire::subscribe& f) {
    out << "subscribe " << f.request << " room " << f.room << " from " << f.seq << " epoch " << f.epoch;
}

void tell(std::ostream& out, const wire::unsubscribe& f) {
    out << "unsubscribe room " << f.room;
}

void tell(std::ostream& out, const wire::settle& f) {
    out << "settle " << f.request << " room " << f.room << " ops";
    for (const auto& op : f.ops)
        out << ' ' << op;
}

void tell(std::ostream& out, const wire::op& f) {
    out << "op " << f.id << " room " << f.room << ' ' << name_of_kind(f.kind);
    if (!f.name.empty()) out << " name " << quoted{f.name};
    if (!f.text.empty()) out << " text " << quoted{f.text};
    if (!f.after.is_zero()) out << " after " << f.after;
    out << " since " << f.since << " offer " << f.offer << (f.again ? " again" : "");
}

void tell(std::ostream& out, const wire::request& f) {
    out << "request " << f.id << ' ' << v1::EnumNamequestion(static_cast<v1::question>(f.ask)) << " room "
        << f.room << " before " << f.before << " key " << quoted{f.key} << " limit " << f.limit;
}

void tell(std::ostream& out, const wire::receipt& f) {
    out << "receipt room " << f.room << " read " << f.read;
}

void tell(std::ostream& out, const wire::ping& f) {
    out << "ping " << f.n;
}

void tell(std::ostream& out, const wire::welcome& f) {
    out << "welcome session " << f.session << " user " << f.user << ' ' << quoted{f.name} << " time "
        << f.time_ms << " epoch " << f.epoch << " burst " << f.burst << " per " << f.per_ms << " ms, "
        << f.tokens << " left, server " << quoted{f.server};
}

void tell(std::ostream& out, const wire::room& f) {
    out << "room " << f.id << ' ' << quoted{f.name} << " epoch " << f.epoch << " head " << f.head << " w "
        << f.w << " read " << f.read << " unread " << f.unread << " members " << f.members
        << (f.joined ? " joined" : " not joined");
}

void tell(std::ostream& out, const wire::page& f) {
    out << "page " << f.request << " room " << f.room << " from " << f.from << (f.fresh ? " fresh" : "");
}

void tell(std::ostream& out, const wire::event& f) {
    out << "event room " << f.room << " seq " << f.seq << " epoch " << f.epoch << ' ' << name_of_kind(f.kind)
        << " by " << quoted{f.author_name} << ' ' << f.id.author << " op " << f.id.op;
    if (!f.name.empty()) out << " name " << quoted{f.name};
    if (!f.text.empty()) out << " text " << quoted{f.text};
    out << code{f.code};
    if (f.duplicate_of != 0) out << " of " << f.duplicate_of;
}

void tell(std::ostream& out, const wire::reply& f) {
    out << "reply " << f.request << " from " << f.from << " to " << f.to << " w " << f.w
        << (f.more ? " more" : "") << " members " << f.members.size() << " rooms " << f.rooms.size()
        << code{f.code};
}

void tell(std::ostream& out, const wire::op_reply& f) {
    out << "op_reply " << f.op << " room " << f.room << " offer " << f.offer << ' '
        << v1::EnumNameoutcome(static_cast<v1::outcome>(f.outcome)) << " seq " << f.seq << " epoch "
        << f.epoch << code{f.code};
    if (f.retry_ms != 0) out << " retry in " << f.retry_ms << " ms";
}

void tell(std::ostream& out, const wire::watermark& f) {
    out << "watermark room " << f.room << " epoch " << f.epoch << " w " << f.w;
    for (const auto& place : f.voids)
        out << " void " << place.seq << code{place.code};
}

void tell(std::ostream& out, const wire::truncated& f) {
    out << "truncated room " << f.room << " epoch " << f.epoch << " after " << f.after;
}

void tell(std::ostream& out, const wire::behind& f) {
    out << "behind room " << f.room;
}

void tell(std::ostream& out, const wire::lost& f) {
    out << "lost epoch " << f.epoch;
}

void tell(std::ostream& out, const wire::pong& f) {
    out << "pong " << f.n << " time " << f.time_ms << " digest " << f.digest;
}

void tell(std::ostream& out, const wire::going_away& f) {
    out << "going_away, back within " << f.retry_ms << " ms";
}

void tell(std::ostream& out, const wire::error_frame& f) {
    out << "error" << code{f.code} << ' ' << quoted{f.detail};
}

/// No more than is shown, and no part of a character.
std::string_view beginning_of(std::string_view text) {
    auto shown = text.substr(0, most_shown);
    while (shown.size() < text.size() && !shown.empty() &&
           (static_cast<unsigned char>(text[shown.size()]) & 0xc0) == 0x80)
        shown.remove_suffix(1);
    return shown;
}

template <class Frame>
void tell_frame(std::ostream& out, const result<Frame>& frame) {
    if (frame)
        visit([&](const auto& known) { tell(out, known); }, *frame);
    else
        out << "a frame that can't be read: " << frame.error().detail;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const plain& what) {
    const auto shown = beginning_of(what.text);
    for (const char c : shown) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr const char* digits = "0123456789abcdef";
        if (c == '"' || c == '\\')
            out << '\\' << c;
        else if (byte < 0x20 || byte == 0x7f)
            out << "\\x" << digits[byte >> 4] << digits[byte & 15];
        else
            out << c;
    }
    return shown.size() < what.text.size() ? out << "…" : out;
}

std::ostream& operator<<(std::ostream& out, const quoted& what) {
    return out << '"' << plain{what.text} << '"';
}

std::ostream& operator<<(std::ostream& out, const ulid& id) {
    return id.is_zero() ? out << '-' : out << to_text(id);
}

void tell_frames(std::ostream& out, byte_view message, bool up, std::string_view lead) {
    const bytes aligned(message.begin(), message.end());
    wire::frame_reader frames{aligned};
    for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
        out << lead;
        if (up)
            tell_frame(out, wire::decode_up(frame));
        else
            tell_frame(out, wire::decode_down(frame));
        out << '\n';
    }
    if (frames.malformed()) out << lead << "the rest is no row of frames\n";
}

}  // namespace parley
