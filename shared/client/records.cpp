#include "shared/client/records.hpp"

#include "shared/base/fields.hpp"
#include "shared/base/hash.hpp"
#include "shared/base/text.hpp"
#include "shared/base/visit.hpp"
#include "shared/wire/validate.hpp"

#include <utility>

namespace parley {

namespace {

constexpr std::uint8_t version = 2;
enum class tag : std::uint8_t { op = 1, draft = 2, device = 3, clock = 4 };
constexpr std::size_t check_bytes = 8;
constexpr hash_key check_key{0x7061726c65790001u, 0x7265636f72647301u};  // against damage, not against people

field_writer begin(tag kind) {
    field_writer out;
    out.number(version, 1);
    out.number(static_cast<std::uint64_t>(kind), 1);
    return out;
}

bytes finish(field_writer& out) {
    out.number(sip_hash(check_key, out.written()), check_bytes);
    return out.take();
}

std::string prefix_of(const ulid& outbox) {
    return joined({"outbox/", to_text(outbox), "/"});
}

bytes encode(const kept_op& op) {
    auto out = begin(tag::op);
    out.id(op.user.value);
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
    return finish(out);
}

bytes encode(const kept_draft& draft) {
    auto out = begin(tag::draft);
    out.id(draft.user.value);
    out.id(draft.outbox);
    out.id(draft.id.value);
    out.id(draft.room.value);
    out.text(draft.text);
    return finish(out);
}

bytes encode(const kept_device& device) {
    auto out = begin(tag::device);
    out.id(device.id.value);
    return finish(out);
}

bytes encode(const kept_clock& clock) {
    auto out = begin(tag::clock);
    out.number(static_cast<std::uint64_t>(clock.offset_ms), 8);
    return finish(out);
}

// Each fills the value in its place. What was read of bytes that are not whole is judged, too, but in vain.

checked fill(kept_op& op, field_reader& in) {
    op.user.value = in.id();
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
    if (op.kind == change_kind::nothing) return {errc::malformed, "an op of no kind"};
    return check_op(op.id, op.room, op.kind, op.name, op.text);
}

checked fill(kept_draft& draft, field_reader& in) {
    draft.user.value = in.id();
    draft.outbox = in.id();
    draft.id.value = in.id();
    draft.room.value = in.id();
    draft.text = in.text();
    if (draft.id.is_zero() || draft.room.is_zero()) in.refuse();
    return check_text(draft.text);
}

checked fill(kept_device& device, field_reader& in) {
    device.id.value = in.id();
    if (device.id.is_zero()) in.refuse();
    return {};
}

checked fill(kept_clock& clock, field_reader& in) {
    clock.offset_ms = static_cast<std::int64_t>(in.number(8));
    if (clock.offset_ms < -ulid_time_max_ms || clock.offset_ms > ulid_time_max_ms) in.refuse();
    return {};
}

checked fill(kept& out, field_reader& in, tag kind) {
    switch (kind) {
    case tag::op: return fill(out.emplace<kept_op>(), in);
    case tag::draft: return fill(out.emplace<kept_draft>(), in);
    case tag::device: return fill(out.emplace<kept_device>(), in);
    case tag::clock: return fill(out.emplace<kept_clock>(), in);
    }
    in.refuse();
    return {};
}

}  // namespace

std::string key_of(const kept_op& op) {
    return joined({prefix_of(op.outbox), "op/", to_text(op.id)});
}

std::string key_of(const kept_draft& draft) {
    return joined({prefix_of(draft.outbox), "draft/", to_text(draft.room)});
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
    if (field_reader(all.subspan(body.size())).number(check_bytes) != sip_hash(check_key, body))
        return fail(errc::malformed, "damaged");
    field_reader in(body.subspan(2));
    kept out;
    const auto judged = fill(out, in, static_cast<tag>(body[1]));
    if (!in.whole()) return fail(errc::malformed, "does not read back whole");
    if (!judged) return fail(judged.code, judged.detail);
    bool at_home = false;
    visit([&](const auto& known) { at_home = key_of(known) == record.key; }, out);
    if (!at_home) return fail(errc::malformed, "under another's key");
    return out;
}

bool belongs_to(const std::string& key, const ulid& outbox) {
    return std::string_view(key).starts_with(prefix_of(outbox));
}

}  // namespace parley
