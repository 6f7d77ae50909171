#include "shared/client/records.hpp"

#include "shared/base/hash.hpp"
#include "shared/wire/validate.hpp"

#include <utility>

namespace parley {

namespace {

constexpr std::uint8_t version = 1;
enum class tag : std::uint8_t { op = 1, draft = 2, device = 3, clock = 4 };
constexpr std::size_t check_bytes = 8;
constexpr hash_key check_key{0x7061726c65790001u, 0x7265636f72647301u};  // against damage, not against people

class writer {
public:
    explicit writer(tag kind) {
        number(version, 1);
        number(static_cast<std::uint64_t>(kind), 1);
    }

    void number(std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i)
            out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }

    void id(const ulid& value) {
        const auto sixteen = to_bytes(value);
        out_.insert(out_.end(), sixteen.begin(), sixteen.end());
    }

    void text(const std::string& value) {
        number(value.size(), 4);
        out_.insert(out_.end(), value.begin(), value.end());
    }

    [[nodiscard]] bytes finish() {
        number(sip_hash(check_key, out_), check_bytes);
        return std::move(out_);
    }

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

    ulid id() {
        const auto part = take(16);
        return part.size() == 16 ? ulid_from_bytes(part.data()) : ulid{};
    }

    std::string text() {
        const auto part = take(static_cast<std::size_t>(number(4)));
        return std::string(part.begin(), part.end());
    }

    [[nodiscard]] bool whole() const { return !short_ && rest_.empty(); }

private:
    byte_view take(std::size_t size) {
        if (size > rest_.size()) {
            short_ = true;
            return {};
        }
        const auto part = rest_.first(size);
        rest_ = rest_.subspan(size);
        return part;
    }

    byte_view rest_;
    bool short_ = false;
};

std::string prefix_of(const ulid& outbox) {
    return "outbox/" + to_text(outbox) + "/";
}

bytes encode(const kept_op& op) {
    writer out(tag::op);
    out.id(op.outbox);
    out.id(op.id.value);
    out.id(op.room.value);
    out.number(op.order, 8);
    out.number(op.intent, 8);
    out.number(static_cast<std::uint64_t>(op.kind), 1);
    out.number(op.discard ? 1 : 0, 1);
    out.number(static_cast<std::uint64_t>(op.failed), 2);
    out.text(op.name);
    out.text(op.text);
    return out.finish();
}

bytes encode(const kept_draft& draft) {
    writer out(tag::draft);
    out.id(draft.outbox);
    out.id(draft.id.value);
    out.id(draft.room.value);
    out.text(draft.text);
    return out.finish();
}

bytes encode(const kept_device& device) {
    writer out(tag::device);
    out.id(device.id.value);
    return out.finish();
}

bytes encode(const kept_clock& clock) {
    writer out(tag::clock);
    out.number(static_cast<std::uint64_t>(clock.offset_ms), 8);
    return out.finish();
}

kept_op decode_op(reader& in) {
    kept_op op;
    op.outbox = in.id();
    op.id.value = in.id();
    op.room.value = in.id();
    op.order = in.number(8);
    op.intent = in.number(8);
    op.kind = static_cast<change_kind>(in.number(1));
    op.discard = in.number(1) != 0;
    op.failed = static_cast<errc>(in.number(2));
    op.name = in.text();
    op.text = in.text();
    return op;
}

kept_draft decode_draft(reader& in) {
    kept_draft draft;
    draft.outbox = in.id();
    draft.id.value = in.id();
    draft.room.value = in.id();
    draft.text = in.text();
    return draft;
}

result<void> check(const kept_op& op) {
    if (op.kind == change_kind::nothing) return fail(errc::malformed, "an op of no kind");
    wire::op said;
    said.id = op.id;
    said.room = op.room;
    said.kind = op.kind;
    said.name = op.name;
    said.text = op.text;
    return check_op(said);
}

result<kept> decode(reader& in, tag kind) {
    switch (kind) {
    case tag::op: {
        auto op = decode_op(in);
        if (!in.whole()) break;
        if (auto ok = check(op); !ok) return tl::unexpected<error>(ok.error());
        return kept{std::move(op)};
    }
    case tag::draft: {
        auto draft = decode_draft(in);
        if (!in.whole() || draft.id.is_zero() || draft.room.is_zero()) break;
        if (auto ok = check_text(draft.text); !ok) return tl::unexpected<error>(ok.error());
        return kept{std::move(draft)};
    }
    case tag::device: {
        kept_device device{device_id{in.id()}};
        if (!in.whole() || device.id.is_zero()) break;
        return kept{device};
    }
    case tag::clock: {
        kept_clock clock{static_cast<std::int64_t>(in.number(8))};
        if (!in.whole()) break;
        return kept{clock};
    }
    }
    return fail(errc::malformed, "does not read back whole");
}

struct key_reader {
    std::string operator()(const kept_op& op) const { return key_of(op); }

    std::string operator()(const kept_draft& draft) const { return key_of(draft); }

    std::string operator()(const kept_device& device) const { return key_of(device); }

    std::string operator()(const kept_clock& clock) const { return key_of(clock); }
};

}  // namespace

std::string key_of(const kept_op& op) {
    return prefix_of(op.outbox) + "op/" + to_text(op.id);
}

std::string key_of(const kept_draft& draft) {
    return prefix_of(draft.outbox) + "draft/" + to_text(draft.room);
}

std::string key_of(const kept_device&) {
    return "device";
}

std::string key_of(const kept_clock&) {
    return "clock";
}

template <class Kept>
stored_record to_record(const Kept& what) {
    return {key_of(what), encode(what)};
}

template stored_record to_record(const kept_op&);
template stored_record to_record(const kept_draft&);
template stored_record to_record(const kept_device&);
template stored_record to_record(const kept_clock&);

result<kept> parse_record(const stored_record& record) {
    const byte_view all(record.value);
    if (all.empty() || all[0] != version) return fail(errc::unsupported_version, "of another version");
    if (all.size() < 2 + check_bytes) return fail(errc::malformed, "cut short");
    const auto body = all.first(all.size() - check_bytes);
    if (reader(all.subspan(body.size())).number(check_bytes) != sip_hash(check_key, body))
        return fail(errc::malformed, "damaged");
    reader in(body.subspan(2));
    auto read = decode(in, static_cast<tag>(body[1]));
    if (read && std::visit(key_reader{}, *read) != record.key)
        return fail(errc::malformed, "under another's key");
    return read;
}

bool belongs_to(const std::string& key, const ulid& outbox) {
    return key.rfind(prefix_of(outbox), 0) == 0;
}

}  // namespace parley
