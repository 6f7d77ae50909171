#include "shared/wire/codec.hpp"

#include "shared/base/limits.hpp"
#include "shared/base/utf8.hpp"
#include "shared/wire/offsets.hpp"
#include "shared/wire/parley_generated.h"

#include <cstring>
#include <string_view>

namespace parley::wire {

namespace {

namespace fb = flatbuffers;
using builder = fb::FlatBufferBuilder;
using text_offset = fb::Offset<fb::String>;

constexpr std::size_t prefix_size = 4;

constexpr std::size_t padded(std::size_t size) {
    return (size + 7) & ~std::size_t{7};
}

// ---- encoding

/// Out of line, for every kind of frame makes one.
struct scratch : builder {
    [[gnu::noinline]] scratch() : builder(1024) {}

    [[gnu::noinline]] ~scratch() = default;
};

v1::ulid packed(const ulid& id) {
    return {id.hi, id.lo};
}

template <class Tag>
v1::ulid packed(const strong_id<Tag>& id) {
    return packed(id.value);
}

text_offset text_of(builder& b, std::string_view text) {
    return text.empty() ? text_offset{} : b.CreateString(text.data(), text.size());
}

void finish(bytes& message, builder& b, v1::body type, fb::Offset<void> body) {
    b.FinishSizePrefixed(v1::Createframe(b, type, body));
    const std::size_t at = message.size();
    message.resize(at + padded(b.GetSize()));
    std::memcpy(message.data() + at, b.GetBufferPointer(), b.GetSize());
}

fb::Offset<v1::room> put(builder& b, const room& r) {
    const auto name = text_of(b, r.name);
    const auto topic = text_of(b, r.topic);
    const auto id = packed(r.id);
    return v1::Createroom(b, &id, name, topic, static_cast<std::uint8_t>(r.kind), r.epoch, r.head, r.w,
                          r.members, r.joined, r.read, r.unread, r.may_leave);
}

fb::Offset<v1::member> put(builder& b, const member& m) {
    const auto name = text_of(b, m.name);
    const auto user = packed(m.user);
    return v1::Createmember(b, &user, name, m.since);
}

fb::Offset<v1::void_place> put(builder& b, const void_place& v) {
    return v1::Createvoid_place(b, v.seq, static_cast<std::uint16_t>(v.code), v.duplicate_of);
}

/// Nothing for an empty one.
template <class Table, class Item>
auto put_all(builder& b, const std::vector<Item>& items) {
    offsets all{items.size()};
    for (const auto& item : items)
        all.add(put(b, item));
    return items.empty() ? 0 : all.put<Table>(b);
}

}  // namespace

void append(bytes& message, const hello& f) {
    scratch b;
    const auto user = packed(f.user), device = packed(f.device);
    const auto program = text_of(b, f.program);
    finish(message, b, v1::body::hello, v1::Createhello(b, f.version, &user, &device, program).Union());
}

void append(bytes& message, const subscribe& f) {
    scratch b;
    const auto room = packed(f.room);
    finish(message, b, v1::body::subscribe, v1::Createsubscribe(b, f.request, &room, f.seq, f.epoch).Union());
}

void append(bytes& message, const unsubscribe& f) {
    scratch b;
    const auto room = packed(f.room);
    finish(message, b, v1::body::unsubscribe, v1::Createunsubscribe(b, &room).Union());
}

void append(bytes& message, const settle& f) {
    scratch b;
    v1::ulid* at = nullptr;
    const auto ops = b.CreateUninitializedVectorOfStructs<v1::ulid>(f.ops.size(), &at);
    for (const auto& op : f.ops)
        *at++ = packed(op);
    const auto room = packed(f.room);
    finish(message, b, v1::body::settle, v1::Createsettle(b, f.request, &room, ops).Union());
}

void append(bytes& message, const op& f) {
    scratch b;
    const auto name = text_of(b, f.name);
    const auto text = text_of(b, f.text);
    const auto id = packed(f.id), room = packed(f.room), after = packed(f.after);
    finish(message, b, v1::body::op,
           v1::Createop(b, &id, &room, f.after.is_zero() ? nullptr : &after, f.since, f.offer, f.again,
                        static_cast<v1::change_kind>(f.kind), name, text)
               .Union());
}

void append(bytes& message, const request& f) {
    scratch b;
    const auto key = text_of(b, f.key);
    const auto room = packed(f.room);
    finish(
        message, b, v1::body::request,
        v1::Createrequest(b, f.id, static_cast<v1::question>(f.ask), &room, f.before, key, f.limit).Union());
}

void append(bytes& message, const receipt& f) {
    scratch b;
    const auto room = packed(f.room);
    finish(message, b, v1::body::receipt, v1::Createreceipt(b, &room, f.read).Union());
}

void append(bytes& message, const ping& f) {
    scratch b;
    finish(message, b, v1::body::ping, v1::Createping(b, f.n).Union());
}

void append(bytes& message, const welcome& f) {
    scratch b;
    const auto name = text_of(b, f.name);
    const auto server = text_of(b, f.server);
    const auto session = packed(f.session), user = packed(f.user);
    finish(message, b, v1::body::welcome,
           v1::Createwelcome(b, &session, &user, name, static_cast<std::uint64_t>(f.time_ms), f.epoch,
                             f.burst, f.per_ms, f.tokens, server)
               .Union());
}

void append(bytes& message, const room& f) {
    scratch b;
    finish(message, b, v1::body::room, put(b, f).Union());
}

void append(bytes& message, const page& f) {
    scratch b;
    const auto room = packed(f.room);
    finish(message, b, v1::body::page, v1::Createpage(b, f.request, &room, f.from, f.fresh, f.epoch).Union());
}

void append(bytes& message, const event& f) {
    scratch b;
    const auto author_name = text_of(b, f.author_name);
    const auto name = text_of(b, f.name);
    const auto text = text_of(b, f.text);
    const auto room = packed(f.room), op = packed(f.id.op), author = packed(f.id.author);
    finish(message, b, v1::body::event,
           v1::Createevent(b, &room, f.seq, f.epoch, &op, &author, author_name,
                           static_cast<std::uint64_t>(f.time_ms), static_cast<v1::change_kind>(f.kind), name,
                           text, static_cast<std::uint16_t>(f.code), f.duplicate_of)
               .Union());
}

void append(bytes& message, const reply& f) {
    scratch b;
    const auto member_list = put_all<v1::member>(b, f.members);
    const auto room_list = put_all<v1::room>(b, f.rooms);
    const auto key = text_of(b, f.key);
    finish(message, b, v1::body::reply,
           v1::Createreply(b, f.request, f.from, f.to, f.w, f.more, key, static_cast<std::uint16_t>(f.code),
                           member_list, room_list)
               .Union());
}

void append(bytes& message, const op_reply& f) {
    scratch b;
    const auto op = packed(f.op), room = packed(f.room);
    finish(message, b, v1::body::op_reply,
           v1::Createop_reply(b, &op, &room, f.offer, static_cast<v1::outcome>(f.outcome), f.seq, f.epoch,
                              static_cast<std::uint16_t>(f.code), f.retry_ms,
                              static_cast<v1::change_kind>(f.kind), static_cast<std::uint64_t>(f.time_ms))
               .Union());
}

void append(bytes& message, const watermark& f) {
    scratch b;
    const auto list = put_all<v1::void_place>(b, f.voids);
    const auto room = packed(f.room);
    finish(message, b, v1::body::watermark, v1::Createwatermark(b, &room, f.epoch, f.w, list).Union());
}

void append(bytes& message, const truncated& f) {
    scratch b;
    const auto room = packed(f.room);
    finish(message, b, v1::body::truncated, v1::Createtruncated(b, &room, f.epoch, f.after).Union());
}

void append(bytes& message, const behind& f) {
    scratch b;
    const auto room = packed(f.room);
    finish(message, b, v1::body::behind, v1::Createbehind(b, &room).Union());
}

void append(bytes& message, const lost& f) {
    scratch b;
    finish(message, b, v1::body::lost, v1::Createlost(b, f.epoch).Union());
}

void append(bytes& message, const pong& f) {
    scratch b;
    finish(message, b, v1::body::pong,
           v1::Createpong(b, f.n, static_cast<std::uint64_t>(f.time_ms), f.digest).Union());
}

void append(bytes& message, const going_away& f) {
    scratch b;
    finish(message, b, v1::body::going_away, v1::Creategoing_away(b, f.retry_ms).Union());
}

void append(bytes& message, const error_frame& f) {
    scratch b;
    const auto detail = text_of(b, f.detail);
    const auto versions = f.versions.empty() ? 0 : b.CreateVector(f.versions);
    finish(message, b, v1::body::error,
           v1::Createerror(b, static_cast<std::uint16_t>(f.code), detail, versions).Union());
}

// ---- decoding

namespace {

/// Reads a verified frame's fields. Strings and vectors may alias each other; what they add up to may not
/// exceed the frame, or a small one could name megabytes.
class fields {
public:
    explicit fields(std::size_t frame_size) : budget_(frame_size) {}

    [[nodiscard]] bool ok() const { return code_ == errc::none; }

    [[nodiscard]] tl::unexpected<error> failure() { return fail(code_, detail_); }

    /// Spends the budget only: an op is answered by name, so its text is judged later, by `check_op`.
    std::string raw_text(const fb::String* from) {
        if (!from || !spend(from->size())) return {};
        return std::string(from->c_str(), from->size());
    }

    std::string text(const fb::String* from, const char* name, std::size_t most = limits::ws_message_bytes) {
        auto value = raw_text(from);
        if (value.size() > most) refuse(errc::too_large, name);
        if (!valid_utf8(value) || has_nul(value)) refuse(errc::bad_text, name);
        return value;
    }

    template <class Vector>
    std::size_t count(const Vector* from, std::size_t element_size, std::size_t most, const char* name) {
        if (!from || !spend(std::size_t{from->size()} * element_size)) return 0;
        if (from->size() > most) refuse(errc::too_large, name);
        return ok() ? from->size() : 0;
    }

private:
    bool spend(std::size_t size) {
        if (size > budget_)
            refuse(errc::malformed, "strings and vectors overlap");
        else
            budget_ -= size;
        return ok();
    }

    void refuse(errc code, const char* detail) {
        if (ok()) code_ = code, detail_ = detail;
    }

    std::size_t budget_;
    errc code_ = errc::none;
    const char* detail_ = "";
};

template <class Id>
Id id_of(const v1::ulid* from) {
    return from ? Id{ulid{from->hi(), from->lo()}} : Id{};
}

std::int64_t time_of(std::uint64_t ms) {
    return ms > static_cast<std::uint64_t>(ulid_time_max_ms) ? ulid_time_max_ms
                                                             : static_cast<std::int64_t>(ms);
}

const v1::frame* verified(byte_view frame) {
    if (frame.size() < 2 * prefix_size) return nullptr;
    fb::Verifier verifier(frame.data(), frame.size(), limits::frame_depth, limits::frame_tables);
    return verifier.VerifySizePrefixedBuffer<v1::frame>(nullptr)
               ? fb::GetSizePrefixedRoot<v1::frame>(frame.data())
               : nullptr;
}

// Each fills the value in its place: a frame is not moved once it is read.

void fill(hello& out, fields& read, const v1::hello& h) {
    out.version = h.version();
    out.user = id_of<user_id>(h.user_id());
    out.device = id_of<device_id>(h.device_id());
    out.program = read.text(h.program(), "hello.program", limits::client_name_bytes);
}

void fill(subscribe& out, fields&, const v1::subscribe& s) {
    out.request = s.request_id();
    out.room = id_of<room_id>(s.room_id());
    out.seq = s.seq();
    out.epoch = s.epoch();
}

void fill(unsubscribe& out, fields&, const v1::unsubscribe& u) {
    out.room = id_of<room_id>(u.room_id());
}

void fill(settle& out, fields& read, const v1::settle& s) {
    out.request = s.request_id();
    out.room = id_of<room_id>(s.room_id());
    const auto count = read.count(s.op_ids(), sizeof(v1::ulid), limits::settle_ops, "settle.op_ids");
    out.ops.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        out.ops.push_back(id_of<op_id>(s.op_ids()->Get(static_cast<fb::uoffset_t>(i))));
}

void fill(op& out, fields& read, const v1::op& o) {
    out.id = id_of<op_id>(o.op_id());
    out.room = id_of<room_id>(o.room_id());
    out.after = id_of<op_id>(o.after());
    out.since = o.since();
    out.offer = o.offer();
    out.again = o.again();
    out.kind = static_cast<change_kind>(o.kind());
    out.name = read.raw_text(o.name());
    out.text = read.raw_text(o.text());
}

void fill(request& out, fields& read, const v1::request& r) {
    out.id = r.request_id();
    out.ask = static_cast<question>(r.ask());
    out.room = id_of<room_id>(r.room_id());
    out.before = r.before();
    out.key = read.text(r.key(), "request.key", limits::request_key_bytes);
    out.limit = r.limit();
}

void fill(receipt& out, fields&, const v1::receipt& r) {
    out.room = id_of<room_id>(r.room_id());
    out.read = r.read();
}

void fill(ping& out, fields&, const v1::ping& p) {
    out.n = p.n();
}

void fill(welcome& out, fields& read, const v1::welcome& w) {
    out.session = id_of<session_id>(w.session_id());
    out.user = id_of<user_id>(w.user_id());
    out.name = read.text(w.name(), "welcome.name");
    out.time_ms = time_of(w.time_ms());
    out.epoch = w.epoch();
    out.burst = w.burst();
    out.per_ms = w.per_ms();
    out.tokens = w.tokens();
    out.server = read.text(w.server(), "welcome.server");
}

void fill(room& out, fields& read, const v1::room& r) {
    out.id = id_of<room_id>(r.room_id());
    out.name = read.text(r.name(), "room.name");
    out.topic = read.text(r.topic(), "room.topic");
    out.kind = static_cast<room_kind>(r.kind());
    out.epoch = r.epoch();
    out.head = r.head();
    out.w = r.w();
    out.members = r.members();
    out.joined = r.joined();
    out.read = r.read();
    out.unread = r.unread();
    out.may_leave = r.may_leave();
}

void fill(page& out, fields&, const v1::page& p) {
    out.request = p.request_id();
    out.room = id_of<room_id>(p.room_id());
    out.from = p.from();
    out.fresh = p.fresh();
    out.epoch = p.epoch();
}

void fill(event& out, fields& read, const v1::event& e) {
    out.room = id_of<room_id>(e.room_id());
    out.seq = e.seq();
    out.epoch = e.epoch();
    out.id = {id_of<user_id>(e.author()), id_of<op_id>(e.op_id())};
    out.author_name = read.text(e.author_name(), "event.author_name");
    out.time_ms = time_of(e.time_ms());
    out.kind = static_cast<change_kind>(e.kind());
    out.name = read.text(e.name(), "event.name");
    out.text = read.text(e.text(), "event.text");
    out.code = static_cast<errc>(e.code());
    out.duplicate_of = e.duplicate_of();
}

void fill(member& out, fields& read, const v1::member& m) {
    out.user = id_of<user_id>(m.user_id());
    out.name = read.text(m.name(), "member.name");
    out.since = m.since();
}

void fill(void_place& out, fields&, const v1::void_place& v) {
    out.seq = v.seq();
    out.code = static_cast<errc>(v.code());
    out.duplicate_of = v.duplicate_of();
}

template <class Item, class Table>
void fill_all(std::vector<Item>& out, fields& read, const fb::Vector<fb::Offset<Table>>* from,
              const char* name) {
    const auto count = read.count(from, sizeof(fb::uoffset_t), limits::frame_tables, name);
    for (std::size_t i = 0; i < count; ++i)
        fill(out.emplace_back(), read, *from->Get(static_cast<fb::uoffset_t>(i)));
}

void fill(reply& out, fields& read, const v1::reply& r) {
    out.request = r.request_id();
    out.from = r.from();
    out.to = r.to();
    out.w = r.w();
    out.more = r.more();
    out.key = read.text(r.key(), "reply.key");
    out.code = static_cast<errc>(r.code());
    fill_all(out.members, read, r.members(), "reply.members");
    fill_all(out.rooms, read, r.rooms(), "reply.rooms");
}

void fill(op_reply& out, fields&, const v1::op_reply& r) {
    out.op = id_of<op_id>(r.op_id());
    out.room = id_of<room_id>(r.room_id());
    out.offer = r.offer();
    out.outcome = static_cast<outcome>(r.outcome());
    out.seq = r.seq();
    out.epoch = r.epoch();
    out.code = static_cast<errc>(r.code());
    out.retry_ms = r.retry_ms();
    out.kind = static_cast<change_kind>(r.kind());
    out.time_ms = time_of(r.time_ms());
}

void fill(watermark& out, fields& read, const v1::watermark& m) {
    out.room = id_of<room_id>(m.room_id());
    out.epoch = m.epoch();
    out.w = m.w();
    fill_all(out.voids, read, m.voids(), "watermark.voids");
}

void fill(truncated& out, fields&, const v1::truncated& t) {
    out.room = id_of<room_id>(t.room_id());
    out.epoch = t.epoch();
    out.after = t.after();
}

void fill(behind& out, fields&, const v1::behind& b) {
    out.room = id_of<room_id>(b.room_id());
}

void fill(lost& out, fields&, const v1::lost& l) {
    out.epoch = l.epoch();
}

void fill(pong& out, fields&, const v1::pong& p) {
    out.n = p.n();
    out.time_ms = time_of(p.time_ms());
    out.digest = p.digest();
}

void fill(going_away& out, fields&, const v1::going_away& g) {
    out.retry_ms = g.retry_ms();
}

void fill(error_frame& out, fields& read, const v1::error& e) {
    out.code = static_cast<errc>(e.code());
    out.detail = read.text(e.detail(), "error.detail");
    const auto* versions = e.versions();
    const auto count = read.count(versions, sizeof(std::uint16_t), limits::frame_tables, "error.versions");
    for (std::size_t i = 0; i < count; ++i)
        out.versions.push_back(versions->Get(static_cast<fb::uoffset_t>(i)));
}

void fill(frame_up& out, fields& read, const v1::frame& f) {
    switch (f.body_type()) {
    case v1::body::hello: return fill(out.emplace<hello>(), read, *f.body_as_hello());
    case v1::body::subscribe: return fill(out.emplace<subscribe>(), read, *f.body_as_subscribe());
    case v1::body::unsubscribe: return fill(out.emplace<unsubscribe>(), read, *f.body_as_unsubscribe());
    case v1::body::settle: return fill(out.emplace<settle>(), read, *f.body_as_settle());
    case v1::body::op: return fill(out.emplace<op>(), read, *f.body_as_op());
    case v1::body::request: return fill(out.emplace<request>(), read, *f.body_as_request());
    case v1::body::receipt: return fill(out.emplace<receipt>(), read, *f.body_as_receipt());
    case v1::body::ping: return fill(out.emplace<ping>(), read, *f.body_as_ping());
    default: return;
    }
}

void fill(frame_down& out, fields& read, const v1::frame& f) {
    switch (f.body_type()) {
    case v1::body::welcome: return fill(out.emplace<welcome>(), read, *f.body_as_welcome());
    case v1::body::room: return fill(out.emplace<room>(), read, *f.body_as_room());
    case v1::body::page: return fill(out.emplace<page>(), read, *f.body_as_page());
    case v1::body::event: return fill(out.emplace<event>(), read, *f.body_as_event());
    case v1::body::reply: return fill(out.emplace<reply>(), read, *f.body_as_reply());
    case v1::body::op_reply: return fill(out.emplace<op_reply>(), read, *f.body_as_op_reply());
    case v1::body::watermark: return fill(out.emplace<watermark>(), read, *f.body_as_watermark());
    case v1::body::truncated: return fill(out.emplace<truncated>(), read, *f.body_as_truncated());
    case v1::body::behind: return fill(out.emplace<behind>(), read, *f.body_as_behind());
    case v1::body::lost: return fill(out.emplace<lost>(), read, *f.body_as_lost());
    case v1::body::pong: return fill(out.emplace<pong>(), read, *f.body_as_pong());
    case v1::body::going_away: return fill(out.emplace<going_away>(), read, *f.body_as_going_away());
    case v1::body::error: return fill(out.emplace<error_frame>(), read, *f.body_as_error());
    default: return;
    }
}

template <class Frame>
result<Frame> decode(byte_view frame) {
    const auto* root = verified(frame);
    if (!root) return fail(errc::malformed, "the frame is not a FlatBuffer of parley.v1");
    Frame out;
    fields read{frame.size()};
    if (root->body()) fill(out, read, *root);
    if (!read.ok()) return read.failure();
    return out;
}

}  // namespace

byte_view frame_reader::next() {
    if (rest_.empty() || malformed_) return {};
    std::uint32_t size = 0;
    if (rest_.size() >= prefix_size)
        size = static_cast<std::uint32_t>(rest_[0]) | static_cast<std::uint32_t>(rest_[1]) << 8 |
               static_cast<std::uint32_t>(rest_[2]) << 16 | static_cast<std::uint32_t>(rest_[3]) << 24;
    if (size < prefix_size || size > rest_.size() || padded(prefix_size + std::size_t{size}) > rest_.size()) {
        malformed_ = true;
        return {};
    }
    const auto frame = rest_.first(prefix_size + size);
    rest_ = rest_.subspan(padded(frame.size()));
    return frame;
}

result<frame_up> decode_up(byte_view frame) {
    return decode<frame_up>(frame);
}

result<frame_down> decode_down(byte_view frame) {
    return decode<frame_down>(frame);
}

}  // namespace parley::wire
