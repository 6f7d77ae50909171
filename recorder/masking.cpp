#include "recorder/masking.hpp"

#include "shared/base/random.hpp"
#include "shared/base/utf8.hpp"
#include "shared/client/local_generated.h"
#include "shared/client/records.hpp"
#include "shared/wire/codec.hpp"
#include "shared/wire/parley_generated.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace parley::recorder {

namespace {

namespace fb = flatbuffers;

using byte_span = std::span<std::uint8_t>;

constexpr std::uint8_t filling = 'x';

/// What is read from a buffer that is ours to change.
template <class Vector>
byte_span own(const Vector& from) {
    return {const_cast<std::uint8_t*>(from.Data()), from.size()};
}

/// Finds what is to be replaced in a buffer, and replaces it at the end: a buffer made to harm may have its
/// texts where its structure is.
class masker {
public:
    explicit masker(const masking& with) : with_(with) {}

    void text(const fb::String* text) {
        if (!text) return;
        const auto filler = with_.filler({text->c_str(), text->size()});
        put(own(*text), bytes(filler.begin(), filler.end()));
    }

    /// A WebSocket message, either way.
    void message(const fb::Vector<std::uint8_t>* in) {
        if (!in) return;
        bytes aligned(in->begin(), in->end());
        masker inner(with_);
        wire::frame_reader frames{aligned};
        std::size_t done = 0;
        for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
            const auto at = static_cast<std::size_t>(frame.data() - aligned.data());
            done = at + frame.size();
            inner.frame({aligned.data() + at, frame.size()});
        }
        if (frames.malformed()) inner.fill(byte_span(aligned).subspan(done));
        inner.apply();
        put(own(*in), std::move(aligned));
    }

    template <class Records>
    void records(const Records* records) {
        if (!records) return;
        for (const auto* record : *records)
            if (record->value())
                mask_record(record->key() ? record->key()->str() : "", own(*record->value()));
    }

    void apply() {
        for (const auto& [at, what] : replacements_)
            std::copy(what.begin(), what.end(), at.begin());
    }

private:
    struct replacement {
        byte_span at;
        bytes what;  ///< of the same size
    };

    void put(byte_span at, bytes what) {
        if (what.size() == at.size())
            replacements_.push_back({at, std::move(what)});
        else
            fill(at);
    }

    void fill(byte_span at) { replacements_.push_back({at, bytes(at.size(), filling)}); }

    void frame(byte_span frame) {
        constexpr std::size_t prefix = 4;  // its size stays
        fb::Verifier verifier(frame.data(), frame.size());
        if (!verifier.VerifySizePrefixedBuffer<v1::frame>(nullptr)) return fill(frame.subspan(prefix));
        const auto* root = fb::GetSizePrefixedRoot<v1::frame>(frame.data());
        if (root->body_type() > v1::body::MAX)
            put(frame.subspan(prefix), nothing_of(root->body_type(), frame.size() - prefix));
        else if (root->body())
            body(*root);
    }

    /// Of a later version: the core skips it, whatever it says.
    static bytes nothing_of(v1::body later, std::size_t size) {
        fb::FlatBufferBuilder b;
        b.Finish(v1::Createframe(b, later));
        bytes out(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
        out.resize(size);
        return out;
    }

    void body(const v1::frame& frame) {
        switch (frame.body_type()) {
        case v1::body::op: return text(frame.body_as_op()->text());
        case v1::body::event: return text(frame.body_as_event()->text());
        case v1::body::room: return text(frame.body_as_room()->topic());
        case v1::body::reply:
            if (const auto* rooms = frame.body_as_reply()->rooms())
                for (const auto* room : *rooms)
                    text(room->topic());
            return;
        default: return;
        }
    }

    /// What does not read back whole is set aside by the core, and still is when all of it is filled but its
    /// version.
    void mask_record(const std::string& key, byte_span value) {
        auto known = parse_record({key, bytes(value.begin(), value.end())});
        if (!known) return fill(value.subspan(std::min<std::size_t>(1, value.size())));
        if (auto* op = std::get_if<kept_op>(&*known)) put_masked(*op, value);
        if (auto* draft = std::get_if<kept_draft>(&*known)) put_masked(*draft, value);
    }

    template <class Kept>
    void put_masked(Kept& kept, byte_span value) {
        kept.text = with_.filler(kept.text);
        put(value, to_record(kept).value);
    }

    const masking& with_;
    std::vector<replacement> replacements_;
};

bool says_text(local::intent_kind kind) {
    return kind == local::intent_kind::send_message || kind == local::intent_kind::save_draft ||
           kind == local::intent_kind::create_room;
}

/// How long the code point is that begins with this byte of valid UTF-8.
std::size_t length_of(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

char byte_of(unsigned value) {
    return static_cast<char>(static_cast<unsigned char>(value));
}

/// A letter of so many bytes; `chance` below 26.
void append_letter(std::string& out, std::size_t length, unsigned chance) {
    switch (length) {
    case 1: out.push_back(byte_of('a' + chance)); return;
    case 2: out.append({byte_of(0xd0), byte_of(0xb0 + chance % 16)}); return;
    case 3: out.append({byte_of(0xe3), byte_of(0x82), byte_of(0xa1 + chance)}); return;
    default: out.append({byte_of(0xf0), byte_of(0x9f), byte_of(0x8d), byte_of(0x80 + chance)});
    }
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool only_space(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_control(c); });
}

/// What is no UTF-8 must be refused as it was.
std::string filler_of_garbage(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<unsigned char>(c) < 0x80 ? static_cast<char>(filling) : byte_of(0xff);
    return out;
}

}  // namespace

void masking::fact(bytes& in) const {
    fb::Verifier verifier(in.data(), in.size());
    if (!local::Verifyfact_inBuffer(verifier)) {
        std::fill(in.begin(), in.end(), filling);
        return;
    }
    masker mask(*this);
    const auto* root = local::Getfact_in(in.data());
    if (const auto* first = root->fact_as_started()) mask.records(first->records());
    if (const auto* claimed = root->fact_as_outbox_claimed()) mask.records(claimed->records());
    if (const auto* arrived = root->fact_as_bytes_arrived()) mask.message(arrived->message());
    if (const auto* intent = root->fact_as_intended(); intent && says_text(intent->kind()))
        mask.text(intent->text());
    mask.apply();
}

void masking::effects(bytes& out) const {
    if (out.empty()) return;
    fb::Verifier verifier(out.data(), out.size());
    if (!verifier.VerifyBuffer<local::effects_out>(nullptr)) {
        std::fill(out.begin(), out.end(), filling);
        return;
    }
    masker mask(*this);
    const auto* all = fb::GetRoot<local::effects_out>(out.data())->effects();
    if (!all) return;
    for (const auto* item : *all) {
        if (const auto* batch = item->effect_as_persist()) mask.records(batch->put());
        if (const auto* send = item->effect_as_send()) mask.message(send->message());
    }
    mask.apply();
}

std::string masking::filler(std::string_view text) const {
    if (!valid_utf8(text)) return filler_of_garbage(text);
    if (only_space(text)) return std::string(text);
    const byte_view whole{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    random_source chance{sip_hash(key_, whole)};
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto length = length_of(static_cast<unsigned char>(text[i]));
        if (is_control(text[i]))
            out.push_back(text[i]);
        else
            append_letter(out, length, static_cast<unsigned>(chance.below(26)));
        i += length;
    }
    return out;
}

}  // namespace parley::recorder
