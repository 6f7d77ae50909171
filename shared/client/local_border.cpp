#include "shared/client/local_border.hpp"

#include "shared/base/visit.hpp"
#include "shared/client/local_names.hpp"
#include "shared/wire/offsets.hpp"

#include <utility>
#include <vector>

namespace parley {

namespace {

namespace fb = flatbuffers;
using builder = fb::FlatBufferBuilder;

std::string text_of(const fb::String* text) {
    return text ? text->str() : std::string();
}

bytes bytes_of(const fb::Vector<std::uint8_t>& from) {
    return bytes(from.data(), from.data() + from.size());
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
    if (all.size() <= ulid_text_length || all[ulid_text_length] != '/') return false;
    const auto author = parse_ulid(all.substr(0, ulid_text_length));
    const auto op = parse_ulid(all.substr(ulid_text_length + 1));
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
        if (const auto* value = record->value()) one.value = bytes_of(*value);
        all.push_back(std::move(one));
    }
    return all;
}

template <class Number>
void take(Number& into, std::uint32_t given) {
    if (given != 0) into = static_cast<Number>(given);
}

void take(client_config& into, const local::link_parameters& given) {
    take(into.backoff_min_ms, given.backoff_min_ms());
    take(into.backoff_max_ms, given.backoff_max_ms());
    take(into.backoff_reset_ms, given.backoff_reset_ms());
    take(into.attempts, given.attempts());
    take(into.failed_retry_ms, given.failed_retry_ms());
    take(into.connect_timeout_ms, given.connect_timeout_ms());
    take(into.ping_interval_ms, given.ping_interval_ms());
    take(into.ping_timeout_ms, given.ping_timeout_ms());
    take(into.ping_misses, given.ping_misses());
    take(into.answer_timeout_ms, given.answer_timeout_ms());
}

// Each reads a fact into its place; false for one that names no id where it needs one.

bool fill(started& out, const local::started& in) {
    out.user_name = text_of(in.user_name());
    out.records = read_records(in.records());
    out.memory_only = in.memory_only();
    return read_id(in.user(), out.user.value) && !out.user.is_zero() &&
           read_id(in.own_outbox(), out.own_outbox) && !out.own_outbox.is_zero();
}

bool fill(signed_in& out, const local::signed_in& in) {
    return read_id(in.user(), out.user.value);
}

bool fill(socket_opened& out, const local::socket_opened& in) {
    out.attempt = in.attempt();
    return true;
}

bool fill(bytes_arrived& out, const local::bytes_arrived& in, bytes& aligned) {
    aligned.clear();
    if (const auto* message = in.message()) aligned = bytes_of(*message);
    out.attempt = in.attempt();
    out.message = aligned;
    return true;
}

bool fill(socket_closed& out, const local::socket_closed& in) {
    out.attempt = in.attempt();
    out.code = in.code();
    return true;
}

bool fill(persisted& out, const local::persisted& in) {
    out.batch = in.batch();
    return true;
}

bool fill(persist_failed& out, const local::persist_failed& in) {
    out.batch = in.batch();
    out.why = static_cast<persist_failed::reason>(in.reason());
    return true;
}

bool fill(outbox_claimed& out, const local::outbox_claimed& in) {
    out.records = read_records(in.records());
    return read_id(in.outbox(), out.outbox) && !out.outbox.is_zero();
}

bool fill(network_changed& out, const local::network_changed& in) {
    out.online = in.online();
    return true;
}

bool fill(page_shown& out, const local::page_shown& in) {
    out.visible = in.visible();
    return true;
}

bool fill(intended& out, const local::intended& in) {
    out.intent = in.intent();
    out.kind = static_cast<intended::what>(in.kind());
    out.name = text_of(in.name());
    out.text = text_of(in.text());
    return out.kind <= intended::what::probe && read_id(in.room(), out.room.value) &&
           read_change(in.change(), out.change);
}

using records_offset = fb::Offset<records_vector>;

records_offset put_records(builder& b, const std::vector<stored_record>& records) {
    wire::offsets all{records.size()};
    for (const auto& record : records) {
        const auto key = b.CreateString(record.key);
        all.add(local::Createrecord(b, key, b.CreateVector(record.value)));
    }
    return all.put<local::record>(b);
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
    wire::offsets keys{e.drop.size()};
    for (const auto& key : e.drop)
        keys.add(b.CreateString(key));
    const auto drop = keys.put<fb::String>(b);
    return wrap(b, local::effect::persist, local::Createpersist(b, e.batch, records, drop, e.strict));
}

item put(builder& b, const release_outbox& e) {
    const auto id = b.CreateString(id_text(e.outbox));
    return wrap(b, local::effect::release_outbox, local::Createrelease_outbox(b, id));
}

item put(builder& b, const forget_user&) {
    return wrap(b, local::effect::forget_user, local::Createforget_user(b));
}

item put(builder& b, const acknowledge& e) {
    const auto change = b.CreateString(change_text(e.change));
    const auto room = b.CreateString(id_text(e.room));
    return wrap(b, local::effect::acknowledge,
                local::Createacknowledge(b, e.intent, number_of(e.code), change, room));
}

item put(builder& b, const view_changed&) {
    return wrap(b, local::effect::view_changed, local::Createview_changed(b));
}

item put(builder& b, const ask_sign_in& e) {
    return wrap(b, local::effect::ask_sign_in, local::Createask_sign_in(b, number_of(e.code)));
}

item put(builder& b, const client_log& e) {
    const auto event = b.CreateString(e.event);
    const auto message = b.CreateString(e.message);
    const auto room = b.CreateString(id_text(e.room));
    return wrap(b, local::effect::log_line,
                local::Createlog_line(b, static_cast<local::log_level>(e.level), event, message, room,
                                      number_of(e.code)));
}

}  // namespace

bool decode_fact(byte_view buffer, bytes& aligned, local_fact& out) {
    fb::Verifier verifier(buffer.data(), buffer.size());
    if (!local::Verifyfact_inBuffer(verifier)) return false;
    const auto* in = local::Getfact_in(buffer.data());
    if (!in->fact()) return false;
    auto& fact = out.fact;
    switch (in->fact_type()) {
    case local::fact::started: {
        const auto& first = *in->fact_as_started();
        out.seed = std::uint64_t{first.seed_hi()} << 32 | first.seed_lo();
        out.config.outbox_locks = first.outbox_locks();
        out.config.program = "parley-web";
        if (first.link()) take(out.config, *first.link());
        return fill(fact.emplace<started>(), first);
    }
    case local::fact::signed_in: return fill(fact.emplace<signed_in>(), *in->fact_as_signed_in());
    case local::fact::signed_out: fact.emplace<signed_out>(); return true;
    case local::fact::socket_opened: return fill(fact.emplace<socket_opened>(), *in->fact_as_socket_opened());
    case local::fact::bytes_arrived:
        return fill(fact.emplace<bytes_arrived>(), *in->fact_as_bytes_arrived(), aligned);
    case local::fact::socket_closed: return fill(fact.emplace<socket_closed>(), *in->fact_as_socket_closed());
    case local::fact::persisted: return fill(fact.emplace<persisted>(), *in->fact_as_persisted());
    case local::fact::persist_failed:
        return fill(fact.emplace<persist_failed>(), *in->fact_as_persist_failed());
    case local::fact::outbox_claimed:
        return fill(fact.emplace<outbox_claimed>(), *in->fact_as_outbox_claimed());
    case local::fact::network_changed:
        return fill(fact.emplace<network_changed>(), *in->fact_as_network_changed());
    case local::fact::page_shown: return fill(fact.emplace<page_shown>(), *in->fact_as_page_shown());
    case local::fact::intended: return fill(fact.emplace<intended>(), *in->fact_as_intended());
    case local::fact::deadline_passed: fact.emplace<deadline_passed_fact>(); return true;
    case local::fact::patch_drawn: out.drawn = in->fact_as_patch_drawn()->number(); return true;
    case local::fact::NONE: break;
    }
    return false;
}

bytes encode_effects(const client_effects& effects, std::optional<deadline_ms> deadline) {
    builder b{1024};
    wire::offsets items{effects.size()};
    for (const auto& effect : effects)
        visit([&](const auto& known) { items.add(put(b, known)); }, effect);
    const auto list = items.put<local::effect_item>(b);
    b.Finish(local::Createeffects_out(b, list, deadline ? static_cast<double>(*deadline) : 0.0));
    return bytes(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
}

}  // namespace parley
