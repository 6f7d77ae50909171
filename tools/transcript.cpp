#include "tools/transcript.hpp"

#include "shared/client/local_generated.h"
#include "shared/client/local_names.hpp"
#include "tools/frames_told.hpp"

#include <string>

namespace parley {

namespace {

namespace fb = flatbuffers;

constexpr const char* frame_lead = "                    ";

std::string_view view_of(const fb::String* text) {
    return text ? std::string_view{text->c_str(), text->size()} : std::string_view{};
}

byte_view view_of(const fb::Vector<std::uint8_t>* from) {
    return from ? byte_view{from->data(), from->size()} : byte_view{};
}

struct id_or_none {
    const fb::String* text;
};

std::ostream& operator<<(std::ostream& out, const id_or_none& what) {
    const auto text = view_of(what.text);
    return text.empty() ? out << '-' : out << plain{text};
}

std::string_view code_of(std::uint16_t number) {
    return name_of(static_cast<errc>(number));
}

template <class Records>
void tell_records(std::ostream& out, const Records* records) {
    if (!records) return;
    for (const auto* record : *records)
        out << frame_lead << "record " << quoted{view_of(record->key())} << ", "
            << view_of(record->value()).size() << " bytes\n";
}

void tell(std::ostream& out, const local::started& f) {
    out << " user " << id_or_none{f.user()} << ' ' << quoted{view_of(f.user_name())} << " outbox "
        << id_or_none{f.own_outbox()} << (f.memory_only() ? " in memory only" : "")
        << (f.outbox_locks() ? "" : " without locks") << '\n';
    tell_records(out, f.records());
}

void tell(std::ostream& out, const local::bytes_arrived& f) {
    out << " on attempt " << f.attempt() << ", " << view_of(f.message()).size() << " bytes\n";
    tell_frames(out, view_of(f.message()), false, frame_lead);
}

void tell(std::ostream& out, const local::outbox_claimed& f) {
    out << ' ' << id_or_none{f.outbox()} << '\n';
    tell_records(out, f.records());
}

void tell(std::ostream& out, const local::intended& f) {
    out << ' ' << f.intent() << ' ' << local::EnumNameintent_kind(f.kind());
    if (!view_of(f.room()).empty()) out << " room " << id_or_none{f.room()};
    if (!view_of(f.change()).empty()) out << " change " << id_or_none{f.change()};
    if (!view_of(f.name()).empty()) out << " name " << quoted{view_of(f.name())};
    if (!view_of(f.text()).empty()) out << " text " << quoted{view_of(f.text())};
    out << '\n';
}

void tell_rest(std::ostream& out, const local::fact_in& in) {
    if (const auto* f = in.fact_as_signed_in()) out << " user " << id_or_none{f->user()};
    if (const auto* f = in.fact_as_socket_opened()) out << " on attempt " << f->attempt();
    if (const auto* f = in.fact_as_socket_closed())
        out << " on attempt " << f->attempt() << " code " << f->code();
    if (const auto* f = in.fact_as_persisted()) out << " batch " << f->batch();
    if (const auto* f = in.fact_as_persist_failed())
        out << " batch " << f->batch() << ' ' << local::EnumNamepersist_failure(f->reason());
    if (const auto* f = in.fact_as_network_changed()) out << (f->online() ? " online" : " offline");
    if (const auto* f = in.fact_as_page_shown()) out << (f->visible() ? " visible" : " hidden");
    if (const auto* f = in.fact_as_patch_drawn()) out << ' ' << f->number();
    out << '\n';
}

void tell(std::ostream& out, const local::persist& e) {
    out << " batch " << e.batch() << (e.strict() ? " strict" : "") << '\n';
    tell_records(out, e.put());
    if (e.drop())
        for (const auto* key : *e.drop())
            out << frame_lead << "drop " << quoted{view_of(key)} << '\n';
}

void tell_rest(std::ostream& out, const local::effect_item& item) {
    if (const auto* e = item.effect_as_open_socket()) out << " attempt " << e->attempt();
    if (const auto* e = item.effect_as_close_socket())
        out << " attempt " << e->attempt() << " code " << e->code();
    if (const auto* e = item.effect_as_release_outbox()) out << ' ' << id_or_none{e->outbox()};
    if (const auto* e = item.effect_as_acknowledge()) {
        out << ' ' << e->intent() << ' ' << (e->code() == 0 ? "done" : code_of(e->code()));
        if (!view_of(e->change()).empty()) out << " change " << id_or_none{e->change()};
        if (!view_of(e->room()).empty()) out << " room " << id_or_none{e->room()};
    }
    if (const auto* e = item.effect_as_ask_sign_in()) out << ' ' << code_of(e->code());
    if (const auto* e = item.effect_as_log_line()) {
        out << ' ' << local::EnumNamelog_level(e->level()) << ' ' << plain{view_of(e->event())};
        if (e->code() != 0) out << ' ' << code_of(e->code());
        out << ' ' << quoted{view_of(e->message())};
    }
    out << '\n';
}

void tell_row(std::ostream& out, const row_view& row) {
    out << "    ";
    if (row.seq != 0)
        out << row.seq;
    else
        out << '+' << row.ordinal;
    out << ' ' << quoted{row.author_name} << ' '
        << local::EnumNamerow_kind(static_cast<local::row_kind>(row.kind));
    if (!row.name.empty()) out << " name " << quoted{row.name};
    if (!row.text.empty()) out << " text " << quoted{row.text};
    out << ' '
        << (row.mine        ? local::EnumNameop_state(static_cast<local::op_state>(row.state))
            : row.committed ? "committed"
                            : "provisional")
        << (row.saved ? " saved" : "") << (row.withdrawn ? " withdrawn" : "")
        << (row.dimmed ? " dimmed" : "");
    if (row.reason != errc::none) out << ' ' << name_of(row.reason);
    out << "  " << change_text(row.change) << '\n';
}

void tell_room(std::ostream& out, const room_view& room) {
    out << "room " << room.id << ' ' << quoted{room.name} << " head " << room.head << " w " << room.w
        << " read " << room.read << " unread " << room.unread << " members " << room.members << " held from "
        << room.held_from << (room.joined ? " joined" : "") << (room.joining ? " joining" : "")
        << (room.caught_up ? " caught up" : "") << '\n';
    if (!room.draft.empty()) out << "    draft " << quoted{room.draft} << '\n';
    for (const auto& row : room.rows)
        tell_row(out, row);
}

}  // namespace

void tell_fact(std::ostream& out, byte_view fact) {
    fb::Verifier verifier(fact.data(), fact.size());
    if (!local::Verifyfact_inBuffer(verifier) || !local::Getfact_in(fact.data())->fact()) {
        out << fact.size() << " bytes that are no fact\n";
        return;
    }
    const auto& in = *local::Getfact_in(fact.data());
    out << local::EnumNamefact(in.fact_type());
    switch (in.fact_type()) {
    case local::fact::started: return tell(out, *in.fact_as_started());
    case local::fact::bytes_arrived: return tell(out, *in.fact_as_bytes_arrived());
    case local::fact::outbox_claimed: return tell(out, *in.fact_as_outbox_claimed());
    case local::fact::intended: return tell(out, *in.fact_as_intended());
    default: return tell_rest(out, in);
    }
}

void tell_effects(std::ostream& out, byte_view effects) {
    if (effects.empty()) return;
    fb::Verifier verifier(effects.data(), effects.size());
    if (!verifier.VerifyBuffer<local::effects_out>(nullptr)) {
        out << "              → " << effects.size() << " bytes that are no effects\n";
        return;
    }
    const auto* all = fb::GetRoot<local::effects_out>(effects.data())->effects();
    if (!all) return;
    for (const auto* item : *all) {
        out << "              → " << local::EnumNameeffect(item->effect_type());
        if (const auto* send = item->effect_as_send()) {
            out << " on attempt " << send->attempt() << ", " << view_of(send->message()).size() << " bytes\n";
            tell_frames(out, view_of(send->message()), true, frame_lead);
        } else if (const auto* batch = item->effect_as_persist()) {
            tell(out, *batch);
        } else {
            tell_rest(out, *item);
        }
    }
}

void tell_state(std::ostream& out, client& core, instant now) {
    const auto status = core.status(now);
    out << "connection " << local::EnumNameconnection(static_cast<local::connection>(status.connection))
        << " attempt " << status.attempt << ", "
        << local::EnumNamehealth(static_cast<local::health>(status.health)) << ", round trip "
        << status.round_trip_ms << " ms, clock " << status.clock_offset_ms << " ms off"
        << (status.signed_in ? "" : ", signed out") << (status.memory_only ? ", in memory only" : "")
        << (status.device_full ? ", device full" : "") << '\n';
    std::vector<room_id> ids;
    for (const auto* room : core.rooms())
        ids.push_back(room->id);
    for (const auto& id : ids)
        if (const auto* room = core.room(id)) tell_room(out, *room);
    out << "outbox " << status.outbox << " without verdict\n";
    for (const auto& row : core.outbox())
        tell_row(out, row);
}

}  // namespace parley
