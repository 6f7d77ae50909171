#include "tests/fuzz/hub_listener.hpp"

#include "shared/base/assert.hpp"
#include "shared/wire/codec.hpp"

namespace parley::fuzz {
namespace {

std::uint64_t stored_head(memory_store& store, room_id room) {
    return store.load_room(room)->head;
}

}  // namespace

void hub_listener::says(const wire::frame_up& frame) {
    if (const auto* op = std::get_if<wire::op>(&frame)) words.saw(op->id);
    if (const auto* unsub = std::get_if<wire::unsubscribe>(&frame)) rooms_[unsub->room].told = false;
}

void hub_listener::hears(byte_view message, memory_store& store) {
    PARLEY_ASSERT(open_);
    PARLEY_ASSERT(!message.empty() && message.size() <= limits::outgoing_bytes);
    wire::frame_reader frames{message};
    for (auto one = frames.next(); !one.empty(); one = frames.next()) {
        const auto frame = wire::decode_down(one);
        PARLEY_ASSERT(frame.has_value());
        if (std::holds_alternative<wire::welcome>(*frame)) {
            PARLEY_ASSERT(!std::exchange(greeted_, true));
        }
        const bool early = std::holds_alternative<wire::error_frame>(*frame) ||
                           std::holds_alternative<wire::going_away>(*frame);
        PARLEY_ASSERT(greeted_ || early);
        if (const auto* page = std::get_if<wire::page>(&*frame)) hear(*page);
        if (const auto* event = std::get_if<wire::event>(&*frame)) hear(*event, store);
        if (const auto* mark = std::get_if<wire::watermark>(&*frame)) hear(*mark, store);
        if (const auto* cut = std::get_if<wire::truncated>(&*frame)) hear(*cut);
        if (const auto* reply = std::get_if<wire::op_reply>(&*frame)) hear(*reply, store);
        if (const auto* behind = std::get_if<wire::behind>(&*frame)) rooms_[behind->room].told = false;
        const auto* room = std::get_if<wire::room>(&*frame);
        if (room && !room->joined) rooms_[room->id].told = false;
    }
    PARLEY_ASSERT(!frames.malformed());
}

void hub_listener::hear(const wire::page& frame) {
    auto& room = rooms_[frame.room];
    room = {};
    room.told = true;
    room.next = frame.from + 1;
    room.epoch = frame.epoch;
    words.heads[frame.room] = frame.from;
    words.epoch = frame.epoch;
}

/// Below what is told already it belongs to a page of history.
void hub_listener::hear(const wire::event& frame, memory_store& store) {
    PARLEY_ASSERT(frame.seq > 0 && frame.epoch > 0);
    words.saw(frame.id.op);
    auto& room = rooms_[frame.room];
    if (!room.told) return;
    PARLEY_ASSERT(frame.seq <= room.next);
    if (frame.seq < room.next) {
        PARLEY_ASSERT(frame.seq <= stored_head(store, frame.room));
        return;
    }
    ++room.next;
    words.heads[frame.room] = frame.seq;
}

void hub_listener::hear(const wire::watermark& frame, memory_store& store) {
    PARLEY_ASSERT(frame.w <= stored_head(store, frame.room));
    auto& room = rooms_[frame.room];
    if (!room.told) return;
    PARLEY_ASSERT(frame.w < room.next);
    PARLEY_ASSERT(frame.epoch == room.epoch && frame.w >= room.w);
    room.w = frame.w;
}

void hub_listener::hear(const wire::truncated& frame) {
    auto& room = rooms_[frame.room];
    if (!room.told) return;
    PARLEY_ASSERT(frame.after >= room.w && frame.after < room.next);
    room.next = frame.after + 1;
    room.epoch = frame.epoch;
    words.epoch = frame.epoch;
    words.heads[frame.room] = frame.after;
}

void hub_listener::hear(const wire::op_reply& frame, memory_store& store) {
    words.saw(frame.op);
    PARLEY_ASSERT(frame.outcome != outcome::rejected || frame.code != errc::none);
    PARLEY_ASSERT(frame.outcome != outcome::later || frame.code != errc::none);
    if (frame.outcome != outcome::committed || frame.seq == 0) return;
    const auto stored = store.read_after(frame.room, frame.seq - 1, 1);
    PARLEY_ASSERT(stored && stored->events.size() == 1 && stored->events[0].seq == frame.seq);
    PARLEY_ASSERT((stored->events[0].id == change_id{user_, frame.op}));
}

}  // namespace parley::fuzz
