#include "recorder/recording.hpp"

#include "shared/base/fields.hpp"
#include "shared/base/hash.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace parley::recorder {

namespace {

constexpr std::string_view magic = "PARLEYFR";
constexpr std::size_t check_bytes = 8;
constexpr std::size_t head_bytes = magic.size() + 4 + 8;
constexpr hash_key check_key{0x7061726c65790002u, 0x666c696768740001u};  // against damage, not against people
constexpr std::size_t smallest_flight = 12, smallest_moment = 1 + 8 + 8 + 8;
constexpr std::uint8_t view_bit = 1, endless_bit = 2, unknown_bit = 4;

void put_real(field_writer& out, double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    out.number(bits, 8);
}

void put(field_writer& out, const moment& what) {
    const bool view = what.kind == moment::what::view;
    out.number((view ? view_bit : 0u) | (what.returned ? 0u : endless_bit) |
                   (view && !what.gave.patch_digest ? unknown_bit : 0u),
               1);
    put_real(out, what.mono_ms);
    put_real(out, what.wall_ms);
    if (view) {
        out.number(what.gave.patch_size, 4);
        out.number(what.gave.patch_digest.value_or(0), 8);
    } else {
        out.blob(what.fact);
        out.blob(what.gave.effects);
    }
}

void put(field_writer& out, const flight& what) {
    out.number(what.forgotten, 4);
    out.text(what.end);
    out.number(what.moments.size(), 4);
    for (const auto& moment : what.moments)
        put(out, moment);
}

void put(field_writer& out, const recording& what) {
    out.number(what.masked, 1);
    out.text(what.program);
    out.number(what.flights.size(), 4);
    for (const auto& flight : what.flights)
        put(out, flight);
}

/// A time that no clock tells would be undefined as an integer.
double read_time(field_reader& in) {
    constexpr double most = 9e15;
    const auto bits = in.number(8);
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!(value >= -most && value <= most)) in.refuse();
    return in.refused() ? 0 : value;
}

bytes read_blob(field_reader& in) {
    const auto part = in.blob();
    return {part.begin(), part.end()};
}

void fill(moment& out, field_reader& in) {
    const auto bits = in.number(1);
    if (bits > (view_bit | endless_bit | unknown_bit)) in.refuse();
    out.kind = bits & view_bit ? moment::what::view : moment::what::step;
    out.returned = !(bits & endless_bit);
    out.mono_ms = read_time(in);
    out.wall_ms = read_time(in);
    if (out.kind == moment::what::step) {
        out.fact = read_blob(in);
        out.gave.effects = read_blob(in);
        return;
    }
    out.gave.patch_size = static_cast<std::uint32_t>(in.number(4));
    const auto digest = in.number(8);
    if (!(bits & unknown_bit)) out.gave.patch_digest = digest;
}

void fill(flight& out, field_reader& in) {
    out.forgotten = static_cast<std::uint32_t>(in.number(4));
    out.end = in.text();
    out.moments.resize(in.count(smallest_moment));
    for (auto& moment : out.moments)
        fill(moment, in);
}

void fill(recording& out, field_reader& in) {
    out.masked = in.number(1) != 0;
    out.program = in.text();
    out.flights.resize(in.count(smallest_flight));
    for (auto& flight : out.flights)
        fill(flight, in);
}

bool begins_as_file(byte_view file) {
    return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
}

}  // namespace

std::string_view sentence_of(unreadable why) {
    switch (why) {
    case unreadable::no_recording: return "is no recording of Parley";
    case unreadable::newer: return "was recorded by a newer Parley; use its parley-replay";
    case unreadable::cut_short: return "is cut short";
    case unreadable::longer: return "has something behind its end";
    case unreadable::damaged: return "is damaged";
    }
    return "is damaged";
}

readable<recording> read_file(byte_view file) {
    if (!begins_as_file(file)) return tl::make_unexpected(unreadable::no_recording);
    if (file.size() < head_bytes + check_bytes) return tl::make_unexpected(unreadable::cut_short);
    field_reader head(file.subspan(magic.size()));
    const auto version = head.number(4);
    const auto size = head.number(8);
    const auto checked = file.first(file.size() - check_bytes);
    const bool intact =
        field_reader(file.subspan(checked.size())).number(check_bytes) == sip_hash(check_key, checked);
    // Where the check does not hold, what the head says is a guess at what happened.
    if (!intact && version == format_version && size > file.size())
        return tl::make_unexpected(unreadable::cut_short);
    if (!intact && version == format_version && size < file.size())
        return tl::make_unexpected(unreadable::longer);
    if (!intact || version == 0) return tl::make_unexpected(unreadable::damaged);
    if (version != format_version) return tl::make_unexpected(unreadable::newer);
    return read_body(checked.subspan(head_bytes));
}

bytes write_file(const recording& all) {
    field_writer body;
    put(body, all);
    return enveloped(body.take(), format_version);
}

bytes enveloped(byte_view body, std::uint32_t version) {
    field_writer file;
    file.raw({reinterpret_cast<const std::uint8_t*>(magic.data()), magic.size()});
    file.number(version, 4);
    file.number(head_bytes + body.size() + check_bytes, 8);
    file.raw(body);
    file.number(sip_hash(check_key, file.written()), check_bytes);
    return file.take();
}

readable<recording> read_body(byte_view body) {
    recording out;
    field_reader in(body);
    fill(out, in);
    if (!in.whole()) return tl::make_unexpected(unreadable::damaged);
    return out;
}

std::uint64_t digest_of(byte_view patch) {
    std::uint32_t low = 0x811c9dc5u, high = 0xc59d1c81u;
    for (const auto byte : patch) {
        low = (low ^ byte) * 0x01000193u;
        high = (high ^ byte) * 0x01000193u + 1;
    }
    return static_cast<std::uint64_t>(high) << 32 | low;
}

bool same(const given& recorded, const given& again) {
    const bool digests =
        !recorded.patch_digest || !again.patch_digest || recorded.patch_digest == again.patch_digest;
    return recorded.effects == again.effects && recorded.patch_size == again.patch_size && digests;
}

}  // namespace parley::recorder
