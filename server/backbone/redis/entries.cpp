#include "server/backbone/redis/entries.hpp"

#include "server/backbone/redis/packing.hpp"
#include "server/backbone/sequencer.hpp"
#include "shared/wire/codec.hpp"

#include <charconv>
#include <cstring>

namespace parley::redis {
namespace {

constexpr std::size_t mark_bytes = 24, void_bytes = 34, id_bytes = 16;

bool parse_id(std::string_view text, read_entry& out) {
    const auto* end = text.data() + text.size();
    const auto epoch = std::from_chars(text.data(), end, out.epoch);
    if (epoch.ec != std::errc{} || epoch.ptr == end || *epoch.ptr != '-') return false;
    const auto n = std::from_chars(epoch.ptr + 1, end, out.n);
    return n.ec == std::errc{} && n.ptr == end;
}

bool take_op(std::string_view header, std::string_view event, read_entry& out) {
    unpacker read{header};
    placed_entry placed;
    const room_id room{read.id()};
    const change_id change{{read.id()}, {read.id()}};
    const auto seq = read.number();
    (void)read.number();   // how many ops were placed up to this one
    (void)read.number(4);  // its weight
    placed.n = out.n;
    placed.hash = read.number();
    placed.fences = read.number(1) != 0;

    std::vector<std::uint64_t> aligned((event.size() + 7) / 8);
    std::memcpy(aligned.data(), event.data(), event.size());
    wire::frame_reader frames{{reinterpret_cast<const std::uint8_t*>(aligned.data()), event.size()}};
    auto frame = wire::decode_down(frames.next());
    auto* decoded = frame ? std::get_if<wire::event>(&*frame) : nullptr;
    if (!read.whole() || !decoded || !(decoded->room == room) || !(decoded->id == change)) return false;
    placed.event = std::move(*decoded);
    placed.event.seq = seq;
    placed.event.epoch = out.epoch;
    out.entry = std::move(placed);
    return true;
}

bool take_settlement(std::string_view text, read_entry& out) {
    unpacker read{text};
    settled_entry settled;
    settled.epoch = out.epoch;
    settled.upto = read.number();
    for (auto left = read.count(mark_bytes); left > 0; --left) {
        const room_id room{read.id()};
        settled.rooms.push_back({room, read.number()});
    }
    for (auto left = read.count(void_bytes); left > 0; --left) {
        auto& voided = settled.voids.emplace_back();
        voided.room = {read.id()};
        voided.place.seq = read.number();
        voided.place.code = static_cast<errc>(read.number(2));
        voided.place.duplicate_of = read.number();
    }
    for (auto left = read.count(id_bytes); left > 0; --left)
        settled.halted.push_back({read.id()});
    out.entry = std::move(settled);
    return read.whole();
}

}  // namespace

std::string header_of(const append_item& item) {
    const auto& event = item.event;
    return packer{}
        .id(event.room.value)
        .id(event.id.author.value)
        .id(event.id.op.value)
        .id(item.after.value)
        .number(item.since)
        .number(item.hash)
        .number(item.base)
        .number(item.fence)
        .number(weight_of(event), 4)
        .number(static_cast<std::uint64_t>(event.time_ms))
        .number(static_cast<std::uint64_t>(event.kind), 1)
        .number(static_cast<std::uint64_t>(event.code), 2)
        .number(item.fences, 1)
        .take();
}

std::string event_of(const append_item& item) {
    bytes frame;
    wire::append(frame, item.event);
    return {frame.begin(), frame.end()};
}

std::string packed(const settled_entry& settled) {
    packer out;
    out.number(settled.upto).number(settled.rooms.size(), 4);
    for (const auto& mark : settled.rooms)
        out.id(mark.room.value).number(mark.w);
    out.number(settled.voids.size(), 4);
    for (const auto& voided : settled.voids) {
        out.id(voided.room.value)
            .number(voided.place.seq)
            .number(static_cast<std::uint64_t>(voided.place.code), 2)
            .number(voided.place.duplicate_of);
    }
    out.number(settled.halted.size(), 4);
    for (const auto& room : settled.halted)
        out.id(room.value);
    return out.take();
}

result<read_entry> entry_of(const reply& element) {
    const auto bad = fail(errc::malformed, "an entry of the stream can't be read");
    read_entry out;
    if (element.list.size() != 2 || !parse_id(element.list[0].text, out)) return bad;
    const auto& fields = element.list[1].list;
    if (fields.size() == 4 && fields[0].is("p")) {
        if (!take_op(fields[1].text, fields[3].text, out)) return bad;
    } else if (fields.size() == 2 && fields[0].is("s")) {
        if (!take_settlement(fields[1].text, out)) return bad;
    } else if (fields.size() == 2 && fields[0].is("e")) {
        out.entry = epoch_entry{out.epoch};
    } else {
        return bad;
    }
    return out;
}

}  // namespace parley::redis
