#include "shared/client/client.hpp"

#include "shared/base/ordered.hpp"
#include "shared/base/text.hpp"
#include "shared/base/visit.hpp"
#include "shared/client/client_state.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

void sooner(std::optional<deadline_ms>& first, std::optional<deadline_ms> other) {
    if (other && (!first || *other < *first)) first = other;
}

bool concerns(const kept& what, user_id user) {
    if (const auto* op = std::get_if<kept_op>(&what)) return op->user == user;
    if (const auto* draft = std::get_if<kept_draft>(&what)) return draft->user == user;
    return true;
}

bool listed_before(const room_view* a, const room_view* b) {
    if (a->joined != b->joined) return a->joined;
    return a->name != b->name ? a->name < b->name : a->id < b->id;
}

}  // namespace

client::state::state(client_config config_given, random_source random_given)
    : config(std::move(config_given)),
      random(random_given),
      box(disk, config.outbox_locks),
      typed(disk),
      clock(random),
      rooms(box, typed, config),
      link(config, random),
      pulse(config) {}

void client::state::step(instant now, const client_fact& fact, client_effects& out) {
    const bool first = std::holds_alternative<started>(fact);
    if (first == begun) return;
    mark_rooms_with_ops();
    visit([&](const auto& known) { take(now, known, out); }, fact);
    conclude(now, out);
}

void client::state::take(instant now, const started& fact, client_effects& out) {
    begun = true;
    user = fact.user;
    user_name = fact.user_name;
    disk.begin(fact.memory_only);
    box.own(fact.own_outbox, user);
    typed.own(fact.own_outbox, user);
    rooms.begin(user);
    recall(now, fact.records, fact.own_outbox, out);
    if (device.is_zero()) {
        device = device_id{clock.next_id(now)};
        auto record = to_record(kept_device{device});
        disk.put(std::move(record.key), std::move(record.value), false);
    }
    link.start(now, out);
}

void client::state::recall(instant now, const std::vector<stored_record>& records, const ulid& outbox,
                           client_effects& out) {
    for (const auto& record : records) {
        const bool about_device = record.key == key_of(kept_device{}) || record.key == key_of(kept_clock{});
        if (!about_device && !belongs_to(record.key, outbox)) continue;
        auto read = parse_record(record);
        if (!read || !concerns(*read, user)) {
            const std::string_view why = read ? "of another user" : std::string_view(read.error().detail);
            note(out, log_level::error, "record_set_aside", joined({record.key, ": ", why}));
            continue;
        }
        if (auto* found = std::get_if<kept_device>(&*read)) device = found->id;
        if (auto* found = std::get_if<kept_clock>(&*read)) clock.recall(found->offset_ms);
        if (auto* found = std::get_if<kept_draft>(&*read))
            typed.recall(std::move(*found), op_id{clock.next_id(now)});
        if (auto* found = std::get_if<kept_op>(&*read)) {
            clock.saw(found->id.value, now);
            recall_answer(*found);
            rooms.hold(found->room).changed = true;
            if (!box.recall(std::move(*found)))
                note(out, log_level::error, "outbox_full", joined({"left on the device: ", record.key}));
        }
    }
    box.arrange();
}

void client::state::take(instant now, const parley::signed_in& fact, client_effects& out) {
    if (!(fact.user == user)) return;
    signed_in = true;
    link.start(now, out);
}

void client::state::take(instant, const signed_out&, client_effects& out) {
    link.stop(out);
    box.clear();
    typed.clear();
    rooms.clear();
    disk.forget_all();
    adopted.clear();
    begun = signed_in = false;
    out.push_back(forget_user{});
}

void client::state::take(instant, const socket_opened& fact, client_effects&) {
    if (!link.opened(fact.attempt)) return;
    last_error = errc::none;
    wire::hello frame;
    frame.user = user;
    frame.device = device;
    frame.program = config.program;
    up.say(frame);
}

void client::state::take(instant now, const bytes_arrived& fact, client_effects& out) {
    if (link.current(fact.attempt)) hear_message(now, fact.message, out);
}

void client::state::take(instant now, const socket_closed& fact, client_effects& out) {
    if (!link.current(fact.attempt)) return;
    auto why = last_error;
    const auto code = static_cast<close_code>(fact.code);
    if (code == close_code::unauthenticated) why = errc::unauthenticated;
    if (code == close_code::revoked) why = errc::revoked;
    if (code == close_code::wrong_user) why = errc::wrong_user;
    if (code == close_code::too_many_sessions) why = errc::too_many_sessions;
    note(out, log_level::info, "socket_closed", decimal(fact.code));
    link.closed(now, why == errc::too_many_sessions || why == errc::unsupported_version);
    const bool whose = why == errc::unauthenticated || why == errc::revoked || why == errc::wrong_user;
    if (whose) require_sign_in(why, out);
}

void client::state::require_sign_in(errc code, client_effects& out) {
    link.stop(out);
    signed_in = false;
    out.push_back(ask_sign_in{code});
}

void client::state::take(instant, const persisted& fact, client_effects&) {
    disk.persisted(fact.batch);
    box.persisted(fact.batch);
}

void client::state::take(instant now, const persist_failed& fact, client_effects& out) {
    const bool full = fact.why == persist_failed::reason::full;
    note(out, log_level::error, full ? "device_full" : "persist_failed",
         joined({"batch ", decimal(fact.batch), " is not kept on this device"}));
    disk.failed(now, fact);
    box.persist_failed(fact);
}

void client::state::take(instant now, const outbox_claimed& fact, client_effects& out) {
    if (fact.outbox == box.own() || std::find(adopted.begin(), adopted.end(), fact.outbox) != adopted.end())
        return;
    adopted.push_back(fact.outbox);
    recall(now, fact.records, fact.outbox, out);
    for (const auto& lane : box.lanes())
        if (lane->of.outbox == fact.outbox) rooms.settle_again(lane->of.room);
}

void client::state::take(instant now, const network_changed& fact, client_effects& out) {
    link.network_changed(now, fact.online, out);
    judge(now, fact.online ? pulse.probe(now) : pulse.doubt(now), out);
}

void client::state::take(instant now, const page_shown& fact, client_effects& out) {
    if (!fact.visible) return;
    link.retry_now(now, out);
    judge(now, pulse.probe(now), out);
}

void client::state::take(instant now, const deadline_passed_fact&, client_effects& out) {
    link.deadline_passed(now, out);
    if (link.live()) judge(now, pulse.deadline_passed(now), out);
    if (link.live() && rooms.overdue(now)) {
        note(out, log_level::warn, "unanswered", "connecting anew");
        link.cut(now, out);
    }
    if (disk.retry_due(now)) box.write_again();
}

void client::state::judge(instant now, health::action action, client_effects& out) {
    if (action == health::action::ping) up.say(wire::ping{pulse.last_ping()});
    if (action != health::action::cut && action != health::action::replace) return;
    note(out, log_level::warn, "no_answer", "connecting anew");
    link.cut(now, out);
    if (action == health::action::replace) link.retry_now(now, out);
}

void client::state::conclude(instant now, client_effects& out) {
    if (session && !link.live()) {
        session = false;
        rooms.lose_link();
        pulse.idle();
        up.clear();
    }
    if (session) {
        rooms.pump(now, up);
        offers.offer(now, box, rooms, clock, up);
    }
    if (link.has_socket()) up.flush(link.socket(), out);
    up.clear();
    disk.flush(out);
    release_empty_outboxes(out);
    rooms.forget_unneeded();
    mark_rooms_with_ops();
    if (view_told) return;
    view_told = true;
    out.push_back(view_changed{});
}

void client::state::release_empty_outboxes(client_effects& out) {
    if (!disk.idle()) return;
    for (auto it = adopted.begin(); it != adopted.end();) {
        if (!box.empty_of(*it)) {
            ++it;
            continue;
        }
        out.push_back(release_outbox{*it});
        it = adopted.erase(it);
    }
}

// What an own op shows may change with any fact, and its lane may be gone after it.
void client::state::mark_rooms_with_ops() {
    for (const auto& lane : box.lanes())
        if (auto* room = rooms.find(lane->of.room)) room->changed = true;
}

std::optional<deadline_ms> client::state::deadline() const {
    if (!begun) return std::nullopt;
    auto first = link.deadline();
    sooner(first, disk.deadline());
    if (!session) return first;
    sooner(first, pulse.deadline());
    sooner(first, rooms.deadline());
    sooner(first, offers.deadline());
    return first;
}

client_status client::state::status(instant now) const {
    client_status status;
    status.connection = link.state();
    status.attempts = config.attempts;
    status.attempt = link.live() ? 0 : std::min(link.tries() + 1, config.attempts);
    status.next_ms = link.next_ms();
    status.health = pulse.state();
    status.round_trip_ms = pulse.round_trip_ms();
    status.signed_in = signed_in;
    status.memory_only = begun && disk.memory_only();
    status.device_full = disk.full();
    status.outbox = box.pending();
    status.send_at_ms = link.live() ? offers.allowed_at_ms(now) : 0;
    status.clock_offset_ms = clock.offset_ms();
    return status;
}

void client::state::draw(held_room& room) {
    if (!room.changed) return;
    draw_summary(room.drawing, room, box, typed, who());
    room.drawing.version = ++drawings_made;
    room.rows_drawn = false;
    room.changed = false;
}

client::client(client_config config, random_source random)
    : state_(std::make_unique<state>(std::move(config), random)) {}

client::~client() = default;
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;

void client::step(instant now, const client_fact& fact, client_effects& out) {
    state_->step(now, fact, out);
}

std::optional<deadline_ms> client::deadline() const {
    return state_->deadline();
}

client_status client::status(instant now) const {
    return state_->status(now);
}

std::vector<const room_view*> client::rooms() const {
    state_->view_told = false;
    std::vector<const room_view*> all;
    const auto& ops = state_->box.ops();
    for (const auto& room : state_->rooms.rooms()) {
        const auto here = [&](const auto& op) { return op->room() == room->id(); };
        if (!room->facts.joined && std::none_of(ops.begin(), ops.end(), here)) continue;
        state_->draw(*room);
        all.push_back(&room->drawing);
    }
    sort(all, listed_before);
    return all;
}

const room_view* client::room(room_id id) {
    state_->view_told = false;
    auto* room = state_->rooms.find(id);
    if (!room) return nullptr;
    state_->draw(*room);
    if (!room->rows_drawn) draw_rows(room->drawing, *room, state_->box, state_->who());
    room->rows_drawn = true;
    return &room->drawing;
}

const std::vector<wire::member>* client::members(room_id id) const {
    const auto* room = state_->rooms.find(id);
    return room && room->roster_known ? &room->members : nullptr;
}

std::vector<row_view> client::outbox() const {
    std::vector<row_view> all;
    for (const auto* op : state_->box.in_order())
        all.push_back(draw_op(*op, state_->who()));
    return all;
}

bytes client::take_patch(instant now) {
    state_->view_told = false;
    return state_->patches.make(*this, state_->status(now), state_->user, state_->user_name, state_->rooms);
}

void client::acknowledge_patch(std::uint64_t number) {
    state_->patches.drawn(number);
}

}  // namespace parley
