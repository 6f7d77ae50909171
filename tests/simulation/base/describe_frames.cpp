#include "shared/wire/codec.hpp"
#include "tests/simulation/base/describe.hpp"

namespace parley::simulation {
namespace {

using namespace wire;

std::string number(std::uint64_t n) {
    return std::to_string(n);
}

struct in_words {
    std::string operator()(const skipped&) { return "skipped"; }

    std::string operator()(const hello&) { return "hello"; }

    std::string operator()(const subscribe& f) {
        return "subscribe " + tail(f.room) + " from " + number(f.seq) + "@" + number(f.epoch);
    }

    std::string operator()(const unsubscribe& f) { return "unsubscribe " + tail(f.room); }

    std::string operator()(const settle& f) {
        return "settle " + tail(f.room) + " of " + number(f.ops.size());
    }

    std::string operator()(const op& f) {
        return "op " + tail(f.id) + " in " + tail(f.room) + " kind " + number(static_cast<unsigned>(f.kind)) +
               (f.after.is_zero() ? "" : " after " + tail(f.after)) + (f.again ? " again" : "") + " offer " +
               number(f.offer);
    }

    std::string operator()(const request& f) { return "request " + number(static_cast<unsigned>(f.ask)); }

    std::string operator()(const receipt& f) { return "receipt " + number(f.read); }

    std::string operator()(const ping&) { return "ping"; }

    std::string operator()(const welcome&) { return "welcome"; }

    std::string operator()(const room& f) {
        return "room " + tail(f.id) + (f.joined ? " joined" : " not joined") + " w " + number(f.w);
    }

    std::string operator()(const page& f) {
        return "page from " + number(f.from) + (f.fresh ? " fresh" : "");
    }

    std::string operator()(const event& f) {
        return "event " + number(f.seq) + " in " + tail(f.room) + " op " + tail(f.id.op) + " kind " +
               number(static_cast<unsigned>(f.kind));
    }

    std::string operator()(const reply& f) {
        return "reply " + number(f.request) + " " + std::string(name_of(f.code));
    }

    std::string operator()(const op_reply& f) {
        return "op_reply " + tail(f.op) + " outcome " + number(static_cast<unsigned>(f.outcome)) + " " +
               std::string(name_of(f.code)) + " seq " + number(f.seq);
    }

    std::string operator()(const watermark& f) { return "watermark " + number(f.w) + " in " + tail(f.room); }

    std::string operator()(const truncated& f) { return "truncated after " + number(f.after); }

    std::string operator()(const behind&) { return "behind"; }

    std::string operator()(const lost&) { return "lost"; }

    std::string operator()(const pong&) { return "pong"; }

    std::string operator()(const going_away&) { return "going_away"; }

    std::string operator()(const error_frame& f) { return "error " + std::string(name_of(f.code)); }
};

template <class Decode>
std::string describe(byte_view message, Decode decode) {
    std::string out;
    frame_reader frames{message};
    for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
        if (!out.empty()) out += " · ";
        const auto decoded = decode(frame);
        out += decoded ? std::visit(in_words{}, *decoded) : "malformed";
    }
    return out;
}

}  // namespace

std::string describe_up(byte_view message) {
    return describe(message, decode_up);
}

std::string describe_down(byte_view message) {
    return describe(message, decode_down);
}

}  // namespace parley::simulation
