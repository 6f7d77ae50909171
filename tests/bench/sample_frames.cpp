#include "tests/bench/sample_frames.hpp"

#include "shared/wire/codec.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace parley::bench {
namespace {

constexpr std::uint64_t sentinel_since = 0x5ad3917e2cb8460fu;
constexpr std::uint32_t sentinel_offer = 0x7e3a915cu;

std::int64_t wall_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

template <class T>
std::size_t find_value(const bytes& in, const T& value) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
    const auto found = std::search(in.begin(), in.end(), first, first + sizeof value);
    if (found == in.end()) {
        throw std::logic_error("a field of the op is not where a FlatBuffer has it");
    }
    return static_cast<std::size_t>(found - in.begin());
}

wire::op sample_op(const room_id& room) {
    wire::op op;
    op.id = op_id_of(0);
    op.room = room;
    op.since = sentinel_since;
    op.offer = sentinel_offer;
    op.kind = change_kind::message;
    op.text = sample_text;
    return op;
}

}  // namespace

op_id op_id_of(std::uint64_t number) {
    static const std::uint64_t run = static_cast<std::uint64_t>(wall_ms());
    return {make_ulid(wall_ms(), run, number)};
}

std::size_t op_message_bytes() {
    bytes message;
    wire::append(message, sample_op({ulid{1, 2}}));
    return message.size();
}

std::size_t event_message_bytes() {
    wire::event event;
    event.room = {ulid{1, 2}};
    event.seq = 3;
    event.epoch = 4;
    event.id = {{ulid{5, 6}}, {ulid{7, 8}}};
    event.author_name = sample_author;
    event.time_ms = 9;
    event.kind = change_kind::message;
    event.text = sample_text;
    bytes message;
    wire::append(message, event);
    return message.size();
}

op_template::op_template(const room_id& room, std::size_t text_bytes) {
    auto op = sample_op(room);
    op.text.assign(text_bytes, 'x');
    wire::append(message_, op);
    number_at_ = find_value(message_, op.id.value);
    since_at_ = find_value(message_, op.since);
    offer_at_ = find_value(message_, op.offer);
}

byte_view op_template::with(std::uint64_t number, std::uint64_t since, std::uint32_t offer) {
    const auto id = op_id_of(number).value;
    std::memcpy(&message_[number_at_], &id, sizeof id);
    std::memcpy(&message_[since_at_], &since, sizeof since);
    std::memcpy(&message_[offer_at_], &offer, sizeof offer);
    return message_;
}

}  // namespace parley::bench
