#include "shared/base/limits.hpp"
#include "shared/base/ordered.hpp"
#include "shared/client/sync.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

constexpr std::int64_t late_ms = 3'000;
constexpr std::int64_t parts = 10;  // an answer that comes in parts may take so many times as long

}  // namespace

void sync::pump(instant now, upstream& up) {
    deadline_.reset();
    if (listed_) say_wanted(now, up);
    if (requests_.empty()) return;
    const auto ends_ms = patience_ends_ms();
    if (!deadline_ || ends_ms < *deadline_) deadline_ = ends_ms;
}

void sync::say_wanted(instant now, upstream& up) {
    for (const auto& id : unfollow_)
        up.say(wire::unsubscribe{id});
    unfollow_.clear();
    if (auto* room = find(shown_)) subscribe(now, *room, up);
    for (const auto& room : rooms_)
        say_settles(now, *room, up);
    for (const auto& room : rooms_)
        subscribe(now, *room, up);
    for (const auto& room : rooms_)
        say_requests(now, *room, up);
    if (listing_asking_ != asking::wanted) return;
    listing_asking_ = asking::asked;
    wire::request frame;
    frame.id = ask(now, asked_for::rooms, {});
    frame.ask = question::rooms;
    frame.key = listing_key_;
    frame.limit = static_cast<std::uint16_t>(limits::rooms_page);
    up.say(frame);
}

void sync::subscribe(instant now, held_room& room, upstream& up) {
    if (!room.facts.joined || room.follows != following::no || !due(now, room)) return;
    if (followed() >= limits::subscriptions && !make_space(room, up)) return;
    const auto cursor = room.from_start ? timeline::position{} : room.log.cursor();
    room.subscribe_request = ask(now, asked_for::subscribe, room.facts.id);
    room.follows = following::asked;
    room.changed = true;
    const bool known = cursor.seq != 0 && cursor.epoch != 0;
    up.say(wire::subscribe{room.subscribe_request, room.facts.id, known ? cursor.seq : 0,
                           known ? cursor.epoch : 0});
}

void sync::say_settles(instant now, held_room& room, upstream& up) {
    if (!room.settle_due || room.settles > 0 || !due(now, room)) return;
    room.settle_due = false;
    const auto ids = box_.unanswered(room.facts.id);
    for (std::size_t from = 0; from < ids.size(); from += limits::settle_ops) {
        wire::settle frame;
        frame.request = ask(now, asked_for::settle, room.facts.id);
        frame.room = room.facts.id;
        const auto to = std::min(ids.size(), from + limits::settle_ops);
        frame.ops.assign(ids.begin() + static_cast<std::ptrdiff_t>(from),
                         ids.begin() + static_cast<std::ptrdiff_t>(to));
        ++room.settles;
        up.say(frame);
    }
}

void sync::say_requests(instant now, held_room& room, upstream& up) {
    if (room.older == asking::wanted && room.follows == following::live) {
        room.older = asking::asked;
        room.older_rows.clear();
        wire::request frame;
        frame.id = room.older_request = ask(now, asked_for::older, room.facts.id);
        frame.ask = question::history;
        frame.room = room.facts.id;
        frame.before = room.log.held_from() + 1;
        frame.limit = static_cast<std::uint16_t>(limits::page_events);
        up.say(frame);
    }
    if (room.roster == asking::wanted) {
        room.roster = asking::asked;
        wire::request frame;
        frame.id = ask(now, asked_for::members, room.facts.id);
        frame.ask = question::members;
        frame.room = room.facts.id;
        frame.key = room.roster_key;
        frame.limit = static_cast<std::uint16_t>(limits::members_page);
        up.say(frame);
    }
    if (room.receipt_due) {
        room.receipt_due = false;
        if (room.facts.joined) up.say(wire::receipt{room.facts.id, room.facts.read});
    }
}

std::uint32_t sync::ask(instant now, asked_for what, room_id room) {
    const auto id = next_request_++;
    if (next_request_ == 0) next_request_ = 1;
    requests_.push_back({id, what, room, now.mono_ms, now.mono_ms});
    return id;
}

// It stands before all that was asked.
void sync::expect_untold(instant now) {
    (void)answered(0);
    insert_ordered(requests_, request{0, asked_for::untold, {}, now.mono_ms, now.mono_ms},
                   [](const request& a, const request& b) { return a.number < b.number; });
}

sync::request sync::answered(std::uint32_t number) {
    const auto asked = std::find_if(requests_.begin(), requests_.end(),
                                    [&](const request& one) { return one.number == number; });
    if (asked == requests_.end()) return {};
    const auto answered = *asked;
    requests_.erase(asked);
    return answered;
}

void sync::hear_part(instant now, asked_for what, room_id room) {
    if (requests_.empty()) return;
    auto& oldest = requests_.front();
    if (oldest.what == what && oldest.room == room) oldest.heard_ms = now.mono_ms;
}

void sync::wait_anew(instant now, std::uint32_t from) {
    for (auto& one : requests_)
        if (one.number >= from) one.asked_ms = one.heard_ms = now.mono_ms;
}

std::int64_t sync::patience_ends_ms() const {
    const auto& oldest = requests_.front();
    return std::min(oldest.heard_ms + config_.answer_timeout_ms,
                    oldest.asked_ms + parts * config_.answer_timeout_ms);
}

bool sync::overdue(instant now) {
    if (requests_.empty() || now.mono_ms < patience_ends_ms()) return false;
    if (now.mono_ms < patience_ends_ms() + late_ms) return true;
    wait_anew(now, 0);
    return false;
}

bool sync::due(instant now, const held_room& room) {
    if (room.not_before_ms <= now.mono_ms) return true;
    if (!deadline_ || room.not_before_ms < *deadline_) deadline_ = room.not_before_ms;
    return false;
}

// Beyond the limit the room on the screen comes first; another waits until it is looked at.
bool sync::make_space(const held_room& room, upstream& up) {
    if (!(room.facts.id == shown_)) return false;
    for (auto it = rooms_.rbegin(); it != rooms_.rend(); ++it) {
        auto& other = **it;
        if (other.follows != following::live) continue;
        up.say(wire::unsubscribe{other.facts.id});
        other.follows = following::no;
        other.log.lose_link();
        other.settle_due = true;  // for the verdicts that it would have brought
        other.changed = true;
        return true;
    }
    return false;
}

std::size_t sync::followed() const {
    return static_cast<std::size_t>(std::count_if(
        rooms_.begin(), rooms_.end(), [](const auto& room) { return room->follows != following::no; }));
}

bool sync::may_send(room_id id) const {
    if (!listed_) return false;
    const auto* room = find(id);
    return !room || (!room->settle_due && room->settles == 0);
}

bool sync::resumed(room_id id) const {
    const auto* room = find(id);
    return room && room->follows == following::live;
}

bool sync::entering(room_id id) const {
    return std::any_of(box_.ops().begin(), box_.ops().end(),
                       [&](const auto& op) { return op->room() == id && op->enters() && op->pending(); });
}

bool sync::may_write(room_id id) const {
    const auto* room = find(id);
    return !listed_ || (room && room->facts.joined) || entering(id);
}

void sync::name_from_listing(room_id id) {
    for (const auto& listed : listing_.rooms) {
        if (!(listed.id == id)) continue;
        auto& room = hold(id);
        room.facts.name = listed.name;
        room.facts.topic = listed.topic;
        room.facts.members = listed.members;
    }
}

void sync::want_settles() {
    for (const auto& op : box_.ops())
        if (op->offered && op->unanswered()) hold(op->room()).settle_due = true;
}

void sync::settle_again(room_id id) {
    if (listed_) hold(id).settle_due = true;
}

void sync::show(room_id id) {
    if (id == shown_) return;
    auto* before = find(shown_);
    shown_ = id;
    if (before) before->log.trim(most_held(*before));
    if (!id.is_zero()) hold(id).changed = true;
}

void sync::load_older(held_room& room) {
    if (room.older != asking::no || room.log.held_from() == 0) return;
    room.older = asking::wanted;
    room.changed = true;
}

void sync::list_members(held_room& room) {
    room.roster = asking::wanted;
    room.roster_key.clear();
    room.roster_rows.clear();
}

void sync::list_rooms(std::string key) {
    listing_asking_ = asking::wanted;
    listing_key_ = std::move(key);
}

void sync::mark_read(held_room& room) {
    if (!room.facts.mark_read(room.log.w())) return;
    room.receipt_due = true;
    room.changed = true;
}

held_room& sync::hold(room_id id) {
    if (auto* room = find(id)) return *room;
    return rooms_.put(std::make_unique<held_room>(id, self_));
}

void sync::forget_unneeded() {
    std::vector<held_room*> unneeded;
    for (const auto& room : rooms_) {
        const auto here = [&](const auto& op) { return op->room() == room->id(); };
        const bool idle = !room->facts.joined && room->follows == following::no && room->settles == 0;
        if (idle && !(room->id() == shown_) && std::none_of(box_.ops().begin(), box_.ops().end(), here))
            unneeded.push_back(room.get());
    }
    for (const auto* room : unneeded)
        rooms_.take(*room);
}

std::size_t sync::most_held(const held_room& room) const {
    return room.facts.id == shown_ ? limits::timeline_events : hidden_timeline_events;
}

}  // namespace parley
