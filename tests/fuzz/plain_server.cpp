#include "tests/fuzz/plain_server.hpp"

#include "shared/wire/codec.hpp"

#include <algorithm>
#include <type_traits>

namespace parley::fuzz {
namespace {

constexpr std::size_t heard_most = 256;

wire::op_reply reply_to(const wire::op& op, outcome outcome, std::uint64_t seq = 0) {
    wire::op_reply reply;
    reply.op = op.id;
    reply.room = op.room;
    reply.offer = op.offer;
    reply.outcome = outcome;
    reply.seq = seq;
    reply.kind = op.kind;
    return reply;
}

}  // namespace

void plain_server::hears(wire::frame_up frame) {
    heard_.push_back(std::move(frame));
    if (heard_.size() > heard_most) heard_.pop_front();
}

void plain_server::disconnect() {
    heard_.clear();
    for (auto& [id, room] : rooms_)
        room.followed = false;
}

void plain_server::answer(std::int64_t now_ms, bytes& message) {
    now_ms_ = now_ms;
    const auto frame = std::move(heard_.front());
    heard_.pop_front();
    std::visit(
        [&](const auto& known) {
            using type = std::decay_t<decltype(known)>;
            if constexpr (std::is_same_v<type, wire::ping>) {
                wire::append(message, wire::pong{known.n, now_ms_, 0});
            } else if constexpr (std::is_same_v<type, wire::unsubscribe>) {
                rooms_[known.room].followed = false;
            } else if constexpr (!std::is_same_v<type, wire::receipt> &&
                                 !std::is_same_v<type, wire::skipped>) {
                take(known, message);
            }
        },
        frame);
}

void plain_server::take(const wire::hello&, bytes& message) {
    wire::welcome welcome;
    welcome.user = client_;
    welcome.name = "ann";
    welcome.time_ms = now_ms_;
    welcome.epoch = epoch_;
    wire::append(message, welcome);
    for (std::size_t n = 0; n < 2; ++n)
        rooms_[some_room(n)].joined = true;
    for (const auto& [id, room] : rooms_)
        if (room.joined) wire::append(message, describe(id, room));
    wire::append(message, wire::reply{});
}

void plain_server::take(const wire::subscribe& frame, bytes& message) {
    auto& room = rooms_[frame.room];
    wire::reply reply;
    reply.request = frame.request;
    if (!room.joined) {
        reply.code = errc::not_member;
        return wire::append(message, reply);
    }
    const bool known = frame.seq > 0 && frame.seq <= room.w && room.log[frame.seq - 1].epoch == frame.epoch;
    const auto from = known ? frame.seq : 0;
    wire::append(message, describe(frame.room, room));
    wire::append(message, wire::page{frame.request, frame.room, from, !known, epoch_});
    for (auto seq = from; seq < room.w; ++seq)
        wire::append(message, room.log[seq]);
    wire::append(message, wire::watermark{frame.room, epoch_, room.w, {}});
    for (auto seq = room.w; seq < room.log.size(); ++seq)
        wire::append(message, room.log[seq]);
    wire::append(message, reply);
    room.followed = true;
}

void plain_server::take(const wire::settle& frame, bytes& message) {
    const auto& room = rooms_[frame.room];
    for (const auto& id : frame.ops) {
        const auto* event = find(room, id);
        wire::op op;
        op.id = id;
        op.room = frame.room;
        if (event) op.kind = event->kind;
        const auto stands = !event                ? outcome::unknown
                            : event->seq > room.w ? outcome::placed
                                                  : outcome::committed;
        wire::append(message, reply_to(op, stands, event ? event->seq : 0));
    }
    wire::reply reply;
    reply.request = frame.request;
    wire::append(message, reply);
}

void plain_server::take(const wire::op& frame, bytes& message) {
    auto& room = rooms_[frame.room];
    if (const auto* event = find(room, frame.id)) {
        const auto stands = event->seq > room.w ? outcome::placed : outcome::committed;
        return wire::append(message, reply_to(frame, stands, event->seq));
    }
    if (frame.kind == change_kind::create || frame.kind == change_kind::join) room.joined = true;
    if (!room.joined && frame.kind != change_kind::nothing) {
        auto refused = reply_to(frame, outcome::rejected);
        refused.code = errc::not_member;
        return wire::append(message, refused);
    }
    wire::event event;
    event.room = frame.room;
    event.seq = room.log.size() + 1;
    event.epoch = epoch_;
    event.id = {client_, frame.id};
    event.author_name = "ann";
    event.time_ms = now_ms_;
    event.kind = frame.kind;
    event.name = frame.name;
    event.text = frame.text;
    if (frame.kind == change_kind::nothing) event.code = errc::discarded;
    room.log.push_back(event);
    if (room.followed) {
        wire::append(message, event);
    } else {
        wire::append(message, reply_to(frame, outcome::placed, event.seq));
    }
    if (frame.kind != change_kind::leave) return;
    room.joined = room.followed = false;
    wire::append(message, describe(frame.room, room));
}

void plain_server::take(const wire::request& frame, bytes& message) {
    wire::reply reply;
    reply.request = frame.id;
    const auto& room = rooms_[frame.room];
    reply.w = room.w;
    if (frame.ask == question::history) {
        reply.to = std::min<std::uint64_t>(room.w, frame.before == 0 ? room.w : frame.before - 1);
        reply.from = reply.to - std::min<std::uint64_t>(reply.to, frame.limit);
        for (auto seq = reply.from; seq < reply.to; ++seq)
            wire::append(message, room.log[seq]);
    } else if (frame.ask == question::members) {
        reply.members.push_back({client_, "ann", 1});
    } else {
        for (const auto& [id, one] : rooms_)
            reply.rooms.push_back(describe(id, one));
    }
    wire::append(message, reply);
}

void plain_server::speak(room_id id, std::int64_t now_ms, bytes& message) {
    auto& room = rooms_[id];
    wire::event event;
    event.room = id;
    event.seq = room.log.size() + 1;
    event.epoch = epoch_;
    event.id = {some_user(1), {make_ulid(now_ms, 1, ++spoken_)}};
    event.author_name = "bob";
    event.time_ms = now_ms;
    event.kind = change_kind::message;
    event.text = "hi " + std::to_string(spoken_);
    room.log.push_back(event);
    if (room.followed) wire::append(message, event);
}

void plain_server::settle(room_id id, bytes& message) {
    auto& room = rooms_[id];
    for (auto seq = room.w; seq < room.log.size(); ++seq) {
        const auto& event = room.log[seq];
        if (room.followed || !(event.id.author == client_)) continue;
        wire::op op;
        op.id = event.id.op;
        op.room = id;
        op.kind = event.kind;
        auto reply = reply_to(op, outcome::committed, event.seq);
        reply.code = event.code;
        wire::append(message, reply);
    }
    room.w = room.log.size();
    if (room.followed) wire::append(message, wire::watermark{id, epoch_, room.w, {}});
}

wire::room plain_server::describe(room_id id, const kept_room& room) const {
    wire::room frame;
    frame.id = id;
    frame.name = "room";
    frame.epoch = epoch_;
    frame.head = room.log.size();
    frame.w = room.w;
    frame.members = 2;
    frame.joined = room.joined;
    return frame;
}

const wire::event* plain_server::find(const kept_room& room, op_id id) const {
    const auto same = [&](const wire::event& event) {
        return event.id.op == id && event.id.author == client_;
    };
    const auto it = std::find_if(room.log.begin(), room.log.end(), same);
    return it == room.log.end() ? nullptr : &*it;
}

}  // namespace parley::fuzz
