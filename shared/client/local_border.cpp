#include "shared/client/local_border.hpp"

#include "shared/client/local_names.hpp"

#include <utility>
#include <vector>

namespace parley {

namespace {

namespace fb = flatbuffers;
using builder = fb::FlatBufferBuilder;

std::string text_of(const fb::String* text) {
    return text ? text->str() : std::string();
}

/// False for text that is neither empty nor an id; 'id' stays zero for "".
bool read_id(const fb::String* text, ulid& id) {
    if (!text || text->size() == 0) return true;
    const auto parsed = parse_ulid({text->c_str(), text->size()});
    if (parsed) id = *parsed;
    return parsed.has_value();
}

bool read_change(const fb::String* text, change_id& change) {
    if (!text || text->size() == 0) return true;
    const std::string_view all{text->c_str(), text->size()};
    const auto slash = all.find('/');
    if (slash == std::string_view::npos) return false;
    const auto author = parse_ulid(all.substr(0, slash));
    const auto op = parse_ulid(all.substr(slash + 1));
    if (!author || !op) return false;
    change = {user_id{*author}, op_id{*op}};
    return true;
}

using records_vector = fb::Vector<fb::Offset<local::record>>;

std::vector<stored_record> read_records(const records_vector* records) {
    std::vector<stored_record> all;
    if (!records) return all;
    for (const auto* record : *records) {
        if (!record->key()) continue;
        stored_record one;
        one.key = record->key()->str();
        if (const auto* value = record->value()) one.value.assign(value->begin(), value->end());
        all.push_back(std::move(one));
    }
    return all;
}

std::optional<local_fact> read(const local::started& in) {
    core_started out;
    out.seed = std::uint64_t{in.seed_hi()} << 32 | in.seed_lo();
    out.config.outbox_locks = in.outbox_locks();
    out.config.program = "parley-web";
    if (!read_id(in.user(), out.fact.user.value) || out.fact.user.is_zero()) return std::nullopt;
    if (!read_id(in.own_outbox(), out.fact.own_outbox) || out.fact.own_outbox.is_zero()) return std::nullopt;
    out.fact.user_name = text_of(in.user_name());
    out.fact.records = read_records(in.records());
    out.fact.memory_only = in.memory_only();
    return out;
}

std::optional<local_fact> read(const local::intended& in) {
    intended out;
    out.intent = in.intent();
    out.kind = static_cast<intended::what>(in.kind());
    out.name = text_of(in.name());
    out.text = text_of(in.text());
    if (out.kind > intended::what::probe) return std::nullopt;
    if (!read_id(in.room(), out.room.value) || !read_change(in.change(), out.change)) return std::nullopt;
    return client_fact{std::move(out)};
}

std::optional<local_fact> read(const local::signed_in& in) {
    signed_in out;
    if (!read_id(in.user(), out.user.value)) return std::nullopt;
    return client_fact{out};
}

std::optional<local_fact> read(const local::outbox_claimed& in) {
    outbox_claimed out;
    if (!read_id(in.outbox(), out.outbox) || out.outbox.is_zero()) return std::nullopt;
    out.records = read_records(in.records());
    return client_fact{std::move(out)};
}

std::optional<local_fact> read(const local::bytes_arrived& in, bytes& aligned) {
    aligned.clear();
    if (const auto* message = in.message()) aligned.assign(message->begin(), message->end());
    return client_fact{bytes_arrived{in.attempt(), aligned}};
}

std::optional<local_fact> read(const local::persist_failed& in) {
    return client_fact{persist_failed{in.batch(), static_cast<persist_failed::reason>(in.reason())}};
}

using records_offset = fb::Offset<records_vector>;

records_offset put_records(builder& b, const std::vector<stored_record>& records) {
    std::vector<fb::Offset<local::record>> all;
    for (const auto& record : records) {
        const auto key = b.CreateString(record.key);
        all.push_back(local::Createrecord(b, key, b.CreateVector(record.value)));
    }
    return b.CreateVector(all);
}

using item = fb::Offset<local::effect_item>;

template <class Table>
item wrap(builder& b, local::effect kind, fb::Offset<Table> table) {
    return local::Createeffect_item(b, kind, table.Union());
}

item put(builder& b, const open_socket& e) {
    return wrap(b, local::effect::open_socket, local::Createopen_socket(b, e.attempt));
}

item put(builder& b, const send_bytes& e) {
    return wrap(b, local::effect::send, local::Createsend(b, e.attempt, b.CreateVector(e.message)));
}

item put(builder& b, const close_socket& e) {
    return wrap(b, local::effect::close_socket, local::Createclose_socket(b, e.attempt, e.code));
}

item put(builder& b, const persist& e) {
    const auto records = put_records(b, e.put);
    std::vector<fb::Offset<fb::String>> keys;
    for (const auto& key : e.drop)
        keys.push_back(b.CreateString(key));
    const auto drop = b.CreateVector(keys);
    return wrap(b, local::effect::persist, local::Createpersist(b, e.batch, records, drop, e.strict));
}

item put(builder& b, const release_outbox& e) {
    return wrap(b, local::effect::release_outbox,
                local::Createrelease_outboxDirect(b, id_text(e.outbox).c_str()));
}

item put(builder& b, const forget_user&) {
    return wrap(b, local::effect::forget_user, local::Createforget_user(b));
}

item put(builder& b, const acknowledge& e) {
    return wrap(
        b, local::effect::acknowledge,
        local::CreateacknowledgeDirect(b, e.intent, code_text(e.code).c_str(), sentence_text(e.code).c_str(),
                                       change_text(e.change).c_str(), id_text(e.room).c_str()));
}

item put(builder& b, const view_changed&) {
    return wrap(b, local::effect::view_changed, local::Createview_changed(b));
}

item put(builder& b, const ask_sign_in& e) {
    return wrap(b, local::effect::ask_sign_in, local::Createask_sign_inDirect(b, code_text(e.code).c_str()));
}

item put(builder& b, const client_log& e) {
    return wrap(b, local::effect::log_line,
                local::Createlog_lineDirect(b, static_cast<local::log_level>(e.level), e.event.c_str(),
                                            e.message.c_str(), id_text(e.room).c_str()));
}

}  // namespace

std::optional<local_fact> decode_fact(byte_view buffer, bytes& aligned) {
    fb::Verifier verifier(buffer.data(), buffer.size());
    if (!local::Verifyfact_inBuffer(verifier)) return std::nullopt;
    const auto* in = local::Getfact_in(buffer.data());
    if (!in->fact()) return std::nullopt;
    switch (in->fact_type()) {
    case local::fact::started: return read(*in->fact_as_started());
    case local::fact::signed_in: return read(*in->fact_as_signed_in());
    case local::fact::signed_out: return client_fact{signed_out{}};
    case local::fact::socket_opened:
        return client_fact{socket_opened{in->fact_as_socket_opened()->attempt()}};
    case local::fact::bytes_arrived: return read(*in->fact_as_bytes_arrived(), aligned);
    case local::fact::socket_closed: {
        const auto* closed = in->fact_as_socket_closed();
        return client_fact{socket_closed{closed->attempt(), closed->code()}};
    }
    case local::fact::persisted: return client_fact{persisted{in->fact_as_persisted()->batch()}};
    case local::fact::persist_failed: return read(*in->fact_as_persist_failed());
    case local::fact::outbox_claimed: return read(*in->fact_as_outbox_claimed());
    case local::fact::network_changed:
        return client_fact{network_changed{in->fact_as_network_changed()->online()}};
    case local::fact::page_shown: return client_fact{page_shown{in->fact_as_page_shown()->visible()}};
    case local::fact::intended: return read(*in->fact_as_intended());
    case local::fact::deadline_passed: return client_fact{deadline_passed_fact{}};
    case local::fact::patch_drawn: return patch_was_drawn{in->fact_as_patch_drawn()->number()};
    case local::fact::NONE: break;
    }
    return std::nullopt;
}

bytes encode_effects(const client_effects& effects, std::optional<deadline_ms> deadline) {
    builder b{1024};
    std::vector<item> items;
    items.reserve(effects.size());
    for (const auto& effect : effects)
        items.push_back(std::visit([&](const auto& known) { return put(b, known); }, effect));
    const auto list = b.CreateVector(items);
    b.Finish(local::Createeffects_out(b, list, deadline ? static_cast<double>(*deadline) : 0.0));
    return bytes(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
}

}  // namespace parley
