#include "recorder/recording.hpp"

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

class writer {
public:
    void number(std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }

    void real(double value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        number(bits, 8);
    }

    void raw(byte_view value) { out_.insert(out_.end(), value.begin(), value.end()); }

    void blob(byte_view value) {
        number(value.size(), 4);
        raw(value);
    }

    void text(std::string_view value) {
        blob({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    }

    void put(const moment& what) {
        const bool view = what.kind == moment::what::view;
        number((view ? view_bit : 0u) | (what.returned ? 0u : endless_bit) |
                   (view && !what.gave.patch_digest ? unknown_bit : 0u),
               1);
        real(what.mono_ms);
        real(what.wall_ms);
        if (view) {
            number(what.gave.patch_size, 4);
            number(what.gave.patch_digest.value_or(0), 8);
        } else {
            blob(what.fact);
            blob(what.gave.effects);
        }
    }

    void put(const flight& what) {
        number(what.forgotten, 4);
        text(what.end);
        number(what.moments.size(), 4);
        for (const auto& moment : what.moments)
            put(moment);
    }

    void put(const recording& what) {
        number(what.masked, 1);
        text(what.program);
        number(what.flights.size(), 4);
        for (const auto& flight : what.flights)
            put(flight);
    }

    /// Of all before it.
    void check() { number(sip_hash(check_key, out_), check_bytes); }

    bytes take() { return std::move(out_); }

private:
    bytes out_;
};

/// Reads past the end give zeros and are remembered.
class reader {
public:
    explicit reader(byte_view in) : rest_(in) {}

    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        const auto part = take(size);
        for (std::size_t i = 0; i < part.size(); ++i)
            value |= static_cast<std::uint64_t>(part[i]) << (8 * i);
        return value;
    }

    double real() {
        const auto bits = number(8);
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

    bytes blob() {
        const auto part = take(static_cast<std::size_t>(number(4)));
        return {part.begin(), part.end()};
    }

    std::string text() {
        const auto part = take(static_cast<std::size_t>(number(4)));
        return {part.begin(), part.end()};
    }

    /// How many follow; no more than there can be, so that nothing is reserved for what is not there.
    std::size_t count(std::size_t smallest) {
        const auto said = static_cast<std::size_t>(number(4));
        if (said > rest_.size() / smallest) refuse();
        return ok_ ? said : 0;
    }

    void fill(moment& out) {
        const auto bits = number(1);
        if (bits > (view_bit | endless_bit | unknown_bit)) refuse();
        out.kind = bits & view_bit ? moment::what::view : moment::what::step;
        out.returned = !(bits & endless_bit);
        out.mono_ms = time();
        out.wall_ms = time();
        if (out.kind == moment::what::step) {
            out.fact = blob();
            out.gave.effects = blob();
            return;
        }
        out.gave.patch_size = static_cast<std::uint32_t>(number(4));
        const auto digest = number(8);
        if (!(bits & unknown_bit)) out.gave.patch_digest = digest;
    }

    void fill(flight& out) {
        out.forgotten = static_cast<std::uint32_t>(number(4));
        out.end = text();
        out.moments.resize(count(smallest_moment));
        for (auto& moment : out.moments)
            fill(moment);
    }

    void fill(recording& out) {
        out.masked = number(1) != 0;
        out.program = text();
        out.flights.resize(count(smallest_flight));
        for (auto& flight : out.flights)
            fill(flight);
    }

    [[nodiscard]] bool whole() const { return ok_ && rest_.empty(); }

private:
    /// A time that no clock tells would be undefined as an integer.
    double time() {
        constexpr double most = 9e15;
        const auto value = real();
        if (!(value >= -most && value <= most)) refuse();
        return ok_ ? value : 0;
    }

    void refuse() { ok_ = false; }

    byte_view take(std::size_t size) {
        if (size > rest_.size()) {
            refuse();
            return {};
        }
        const auto part = rest_.first(size);
        rest_ = rest_.subspan(size);
        return part;
    }

    byte_view rest_;
    bool ok_ = true;
};

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
    reader head(file.subspan(magic.size()));
    const auto version = head.number(4);
    const auto size = head.number(8);
    const auto checked = file.first(file.size() - check_bytes);
    const bool intact =
        reader(file.subspan(checked.size())).number(check_bytes) == sip_hash(check_key, checked);
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
    writer body;
    body.put(all);
    return enveloped(body.take(), format_version);
}

bytes enveloped(byte_view body, std::uint32_t version) {
    writer file;
    file.raw({reinterpret_cast<const std::uint8_t*>(magic.data()), magic.size()});
    file.number(version, 4);
    file.number(head_bytes + body.size() + check_bytes, 8);
    file.raw(body);
    file.check();
    return file.take();
}

readable<recording> read_body(byte_view body) {
    recording out;
    reader in(body);
    in.fill(out);
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
