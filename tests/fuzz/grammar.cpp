#include "tests/fuzz/grammar.hpp"

namespace parley::fuzz {
namespace {

constexpr std::size_t remembered = 32;
constexpr std::uint64_t family = 0x0190'0000'0000'0000u;

/// 0, one of the codes, or any number.
errc a_code(choices& choose) {
    const auto byte = choose.byte();
    if (byte < 100) return static_cast<errc>(byte);
    return byte < 250 ? errc::none : static_cast<errc>(choose.number(2));
}

std::uint32_t a_request(choices& choose, const vocabulary& known) {
    const auto at = choose.below(8);
    if (at == 7) return static_cast<std::uint32_t>(choose.quantity());
    return at < known.requests.size() ? known.requests[known.requests.size() - 1 - at] : 0;
}

std::uint64_t an_epoch(choices& choose, const vocabulary& known) {
    const auto at = choose.below(8);
    return at < 6 ? known.epoch : at == 6 ? known.epoch + 1 : choose.quantity();
}

/// About the room's head, or anywhere.
std::uint64_t a_place(choices& choose, const vocabulary& known, room_id room) {
    const auto it = known.heads.find(room);
    const auto head = it == known.heads.end() ? 0 : it->second;
    const auto at = choose.below(8);
    if (at == 7) return choose.quantity();
    return at < 5 ? head + at : head - (at - 4);
}

wire::event an_event(choices& choose, vocabulary& known) {
    wire::event event;
    event.room = a_room(choose);
    event.seq = choose.below(8) < 6 ? known.heads[event.room] + 1 : a_place(choose, known, event.room);
    event.epoch = an_epoch(choose, known);
    event.id = {some_user(choose.below(users)), an_op(choose, known)};
    event.author_name = choose.flag() ? "ann" : choose.text();
    event.time_ms = known.time_ms + choose.byte();
    event.kind = static_cast<change_kind>(choose.below(6));
    event.name = choose.text();
    event.text = choose.text();
    event.code = a_code(choose);
    event.duplicate_of = choose.flag() ? 0 : a_place(choose, known, event.room);
    known.heads[event.room] = event.seq;
    return event;
}

wire::reply a_reply(choices& choose, const vocabulary& known) {
    wire::reply reply;
    const auto room = a_room(choose);
    reply.request = a_request(choose, known);
    reply.from = a_place(choose, known, room);
    reply.to = a_place(choose, known, room);
    reply.w = a_place(choose, known, room);
    reply.more = choose.flag();
    reply.key = choose.flag() ? "" : choose.text();
    reply.code = a_code(choose);
    for (auto n = choose.below(3); n > 0; --n)
        reply.members.push_back({some_user(choose.below(users)), choose.text(), choose.byte()});
    for (auto n = choose.below(3); n > 0; --n)
        reply.rooms.push_back(a_room_frame(choose, known));
    return reply;
}

wire::op_reply an_op_reply(choices& choose, const vocabulary& known) {
    wire::op_reply reply;
    reply.op = an_op(choose, known);
    reply.room = a_room(choose);
    reply.offer = static_cast<std::uint32_t>(choose.quantity());
    reply.outcome = static_cast<outcome>(choose.below(6));
    reply.seq = a_place(choose, known, reply.room);
    reply.epoch = an_epoch(choose, known);
    reply.code = a_code(choose);
    reply.retry_ms = static_cast<std::uint32_t>(choose.quantity());
    reply.kind = static_cast<change_kind>(choose.below(6));
    reply.time_ms = known.time_ms;
    return reply;
}

wire::watermark a_watermark(choices& choose, const vocabulary& known) {
    wire::watermark mark;
    mark.room = a_room(choose);
    mark.epoch = an_epoch(choose, known);
    mark.w = a_place(choose, known, mark.room);
    for (auto n = choose.below(3); n > 0; --n)
        mark.voids.push_back({a_place(choose, known, mark.room), a_code(choose), choose.below(4)});
    return mark;
}

wire::welcome a_welcome(choices& choose, const vocabulary& known) {
    wire::welcome welcome;
    welcome.session = {{family, 1}};
    welcome.user = some_user(choose.below(users));
    welcome.name = choose.text();
    welcome.time_ms = choose.flag() ? known.time_ms : static_cast<std::int64_t>(choose.number(6));
    welcome.epoch = an_epoch(choose, known);
    welcome.burst = static_cast<std::uint16_t>(choose.quantity());
    welcome.per_ms = static_cast<std::uint32_t>(choose.quantity());
    welcome.tokens = static_cast<std::uint16_t>(choose.quantity());
    return welcome;
}

wire::op any_op(choices& choose, const vocabulary& known) {
    wire::op op;
    op.id = an_op(choose, known);
    op.room = a_room(choose);
    op.after = choose.flag() ? op_id{} : an_op(choose, known);
    op.since = choose.flag() ? 0 : a_place(choose, known, op.room);
    op.offer = choose.byte();
    op.again = choose.flag();
    op.kind = static_cast<change_kind>(choose.below(6));
    op.name = choose.flag() ? "room" : choose.text();
    op.text = choose.flag() ? "hello" : choose.text();
    return op;
}

wire::settle a_settle(choices& choose, const vocabulary& known) {
    wire::settle settle{choose.byte(), a_room(choose), {}};
    for (auto n = choose.below(4); n > 0; --n)
        settle.ops.push_back(an_op(choose, known));
    return settle;
}

}  // namespace

user_id some_user(std::size_t n) {
    return {{family, 0x100 + n}};
}

room_id some_room(std::size_t n) {
    return {{family, 0x200 + n}};
}

ulid some_outbox(std::size_t n) {
    return {family, 0x300 + n};
}

void vocabulary::saw(op_id id) {
    ops.push_back(id);
    if (ops.size() > remembered) ops.erase(ops.begin());
}

void vocabulary::asked(std::uint32_t request) {
    requests.push_back(request);
    if (requests.size() > remembered) requests.erase(requests.begin());
}

op_id an_op(choices& choose, const vocabulary& known) {
    const auto at = choose.below(remembered + 8);
    if (at < known.ops.size()) return known.ops[known.ops.size() - 1 - at];
    return {make_ulid(known.time_ms, 0, at)};
}

room_id a_room(choices& choose) {
    return some_room(choose.below(rooms));
}

wire::room a_room_frame(choices& choose, const vocabulary& known) {
    wire::room room;
    room.id = a_room(choose);
    room.name = choose.flag() ? "room" : choose.text();
    room.topic = choose.flag() ? "" : choose.text();
    room.epoch = an_epoch(choose, known);
    room.head = a_place(choose, known, room.id);
    room.w = a_place(choose, known, room.id);
    room.members = choose.byte();
    room.joined = choose.below(4) != 0;
    room.read = a_place(choose, known, room.id);
    room.unread = choose.byte();
    room.may_leave = choose.flag();
    return room;
}

wire::frame_down a_frame_down(choices& choose, vocabulary& known) {
    switch (choose.below(16)) {
    case 0: return a_welcome(choose, known);
    case 1: return a_room_frame(choose, known);
    case 2: {
        const auto room = a_room(choose);
        const auto from = a_place(choose, known, room);
        known.heads[room] = from;
        return wire::page{a_request(choose, known), room, from, choose.flag(), an_epoch(choose, known)};
    }
    case 3: return a_reply(choose, known);
    case 4: return an_op_reply(choose, known);
    case 5:
    case 6: return a_watermark(choose, known);
    case 7: {
        const auto room = a_room(choose);
        const auto after = a_place(choose, known, room);
        known.heads[room] = after;
        return wire::truncated{room, ++known.epoch, after};
    }
    case 8: return wire::behind{a_room(choose)};
    case 9: return wire::lost{an_epoch(choose, known)};
    case 10: return wire::pong{choose.byte(), known.time_ms, choose.flag() ? 0 : choose.number(8)};
    case 11: return wire::going_away{static_cast<std::uint32_t>(choose.quantity())};
    case 12: return wire::error_frame{a_code(choose), choose.text(), {1}};
    default: return an_event(choose, known);
    }
}

wire::frame_up a_frame_up(choices& choose, vocabulary& known) {
    switch (choose.below(14)) {
    case 0:
        return wire::hello{static_cast<std::uint16_t>(choose.below(3)),
                           some_user(choose.below(users)),
                           {{family, 1}},
                           choose.text()};
    case 1:
    case 2: {
        const auto room = a_room(choose);
        const auto seq = choose.flag() ? 0 : a_place(choose, known, room);
        return wire::subscribe{choose.byte(), room, seq, seq == 0 ? 0 : an_epoch(choose, known)};
    }
    case 3: return wire::unsubscribe{a_room(choose)};
    case 4:
    case 5: return a_settle(choose, known);
    case 6:
    case 7: {
        wire::request request;
        request.id = choose.byte();
        request.ask = static_cast<question>(choose.below(4));
        request.room = a_room(choose);
        request.before = a_place(choose, known, request.room);
        request.key = choose.flag() ? "" : choose.text();
        request.limit = static_cast<std::uint16_t>(choose.quantity());
        return request;
    }
    case 8: return wire::receipt{a_room(choose), choose.quantity()};
    case 9: return wire::ping{choose.byte()};
    default: return any_op(choose, known);
    }
}

}  // namespace parley::fuzz
