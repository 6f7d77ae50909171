#include "shared/base/text.hpp"
#include "shared/base/visit.hpp"
#include "shared/client/client_state.hpp"
#include "shared/wire/codec.hpp"

#include <utility>

namespace parley {

namespace {

constexpr std::uint32_t faults_most = 3;  // of one connection; then it is better to begin anew

}  // namespace

void client::state::hear_message(instant now, byte_view message, client_effects& out) {
    pulse.heard(now);
    wire::frame_reader frames{message};
    for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
        auto read = wire::decode_down(frame);
        if (!read) {
            note(out, log_level::error, "bad_frame", read.error().detail, {}, read.error().code);
            return link.cut(now, out);
        }
        const bool greeted = session || std::holds_alternative<wire::welcome>(*read) ||
                             std::holds_alternative<wire::error_frame>(*read) ||
                             std::holds_alternative<wire::going_away>(*read);
        if (!greeted) continue;
        if (!dispatch(now, *read, out)) return;
    }
    if (frames.malformed()) {
        note(out, log_level::error, "bad_frame", "the message is no row of frames");
        link.cut(now, out);
    }
}

namespace {

/// Frames about rooms and the answers to requests go to the part that keeps rooms in step.
template <class Frame>
constexpr bool about_rooms = std::is_same_v<Frame, wire::room> || std::is_same_v<Frame, wire::page> ||
                             std::is_same_v<Frame, wire::event> || std::is_same_v<Frame, wire::watermark> ||
                             std::is_same_v<Frame, wire::truncated> || std::is_same_v<Frame, wire::behind> ||
                             std::is_same_v<Frame, wire::lost> || std::is_same_v<Frame, wire::reply>;

}  // namespace

bool client::state::dispatch(instant now, wire::frame_down& frame, client_effects& out) {
    bool more = true;
    visit(
        [&](auto& known) {
            using frame_type = std::decay_t<decltype(known)>;
            if constexpr (about_rooms<frame_type>)
                rooms.hear(now, std::move(known), out);
            else if constexpr (!std::is_same_v<frame_type, wire::skipped>)
                more = hear(now, known, out);
        },
        frame);
    if (rooms.faults() < faults_most) return more;
    link.cut(now, out);
    return false;
}

bool client::state::hear(instant now, const wire::welcome& frame, client_effects& out) {
    if (session) return true;
    if (!(frame.user == user)) {
        require_sign_in(errc::wrong_user, out);
        return false;
    }
    link.welcomed(now);
    if (!link.live()) return false;
    session = true;
    user_name = frame.name;
    if (clock.told(now, frame.time_ms)) {
        auto record = to_record(kept_clock{clock.offset_ms()});
        disk.put(std::move(record.key), std::move(record.value), false);
    }
    box.forget_offers();
    rooms.welcomed(now);
    offers.welcomed(now, frame);
    pulse.live(now);
    note(out, log_level::info, "welcome", frame.server);
    return true;
}

bool client::state::hear(instant now, const wire::op_reply& frame, client_effects&) {
    auto* op = box.find(frame.op);
    if (!op || !(op->room() == frame.room)) return true;
    if (auto* room = rooms.find(frame.room)) room->changed = true;
    switch (frame.outcome) {
    case outcome::committed:
        rooms.settle(*op, verdict_of(frame.kind, frame.code, 0), frame.seq, frame.epoch, frame.time_ms);
        break;
    case outcome::placed: box.place(*op, frame.seq); break;
    case outcome::unknown: box.unknown(*op); break;
    case outcome::later: offers.refused_for_now(now, box, *op, frame); break;
    case outcome::rejected: box.rejected(*op, frame.code, frame.offer); break;
    }
    return true;
}

bool client::state::hear(instant now, const wire::pong& frame, client_effects& out) {
    pulse.ponged(now, frame.n);
    (void)clock.told(now, frame.time_ms);
    if (rooms.compare_digest(frame.digest))
        note(out, log_level::warn, "digest_differs", "resuming all rooms");
    return true;
}

bool client::state::hear(instant now, const wire::going_away& frame, client_effects& out) {
    link.will_go_away(now, frame.retry_ms);
    note(out, log_level::info, "going_away", "the server stops");
    return true;
}

bool client::state::hear(instant, const wire::error_frame& frame, client_effects& out) {
    last_error = frame.code;
    note(out, log_level::error, "server_error", frame.detail, {}, frame.code);
    return true;
}

}  // namespace parley
