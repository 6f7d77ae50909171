#include "shared/client/sync.hpp"

#include "shared/base/limits.hpp"
#include "shared/client/note.hpp"
#include "shared/wire/digest.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

constexpr std::int64_t busy_ms = 1'000;      // the server could not answer now
constexpr std::int64_t refused_ms = 60'000;  // it will not follow this room, though we are in it
constexpr std::size_t listed_most = 10'000;  // rooms or members asked for, page by page

wire::event landed_event(const outbox_op& op, user_id self, std::uint64_t seq, std::uint64_t epoch,
                         std::int64_t time_ms) {
    wire::event event;
    event.room = op.room();
    event.seq = seq;
    event.epoch = epoch;
    event.id = {self, op.id()};
    event.time_ms = time_ms;
    event.kind = op.kept.kind;
    event.name = op.kept.name;
    event.text = op.kept.text;
    return event;
}

}  // namespace

void sync::clear() {
    rooms_.clear();
    shown_ = {};
    listing_ = {};
    lose_link();
}

void sync::welcomed(instant now) {
    lose_link();
    expect_untold(now);
}

void sync::lose_link() {
    listed_ = false;
    truncating_ = {};
    requests_.clear();
    unfollow_.clear();
    mismatches_ = faults_ = 0;
    if (listing_asking_ == asking::asked) listing_asking_ = asking::wanted;
    for (const auto& room : rooms_) {
        room->follows = following::no;
        room->settles = 0;
        room->settle_due = false;
        room->not_before_ms = 0;
        room->log.lose_link();
        if (room->older == asking::asked) room->older = asking::wanted;
        if (room->roster == asking::asked) list_members(*room);
        room->changed = true;
    }
}

void sync::hear(instant now, const wire::room& frame, client_effects&) {
    hear_part(now, asked_for::untold, {});
    auto& room = hold(frame.id);
    const bool was_in = room.facts.joined || room.follows != following::no;
    room.facts.told(frame, room.log);
    room.receipt_due = room.facts.read > frame.read;
    room.changed = true;
    if (!frame.joined && was_in) end_following(room);
}

void sync::hear(instant now, const wire::page& frame, client_effects& out) {
    hear_part(now, asked_for::subscribe, frame.room);
    auto* room = find(frame.room);
    if (!room || frame.request != room->subscribe_request) return;
    // A resume that turns out to be too long becomes a snapshot on its way.
    const bool due =
        room->follows == following::asked || (room->follows == following::resuming && frame.fresh);
    if (!due) return;
    if (!room->log.begin(frame.from, frame.fresh, frame.epoch)) {
        room->from_start = true;
        return resume_again(*room, "a page that does not begin at the cursor", out);
    }
    room->follows = following::resuming;
    // A snapshot leaves out what stands below it, and the verdict may have been told while nobody listened.
    for (const auto& op : box_.ops())
        if (op->room() == frame.room && op->stage == op_stage::placed && op->seq <= frame.from)
            room->settle_due = true;
    room->fresh = frame.fresh;
    room->from_start = false;
    room->changed = true;
}

void sync::hear(instant now, wire::event frame, client_effects& out) {
    auto* room = find(frame.room);
    if (!room) return;
    if (room->follows == following::resuming) hear_part(now, asked_for::subscribe, frame.room);
    if (room->older == asking::asked && frame.seq <= room->log.held_from()) {
        hear_part(now, asked_for::older, frame.room);
        if (room->older_rows.size() < limits::page_events) room->older_rows.push_back(std::move(frame));
        return;
    }
    if (!room->hears()) return;
    const auto id = frame.id;
    const auto seq = frame.seq;
    const auto heard = room->log.hear(std::move(frame));
    if (heard == timeline::heard::gap) return resume_again(*room, "a gap before an event", out);
    if (heard == timeline::heard::repeated) return;
    room->changed = true;
    if (!(id.author == self_)) return;
    auto& landed = room->landed;
    landed.erase(
        std::remove_if(landed.begin(), landed.end(), [&](const wire::event& e) { return e.id == id; }),
        landed.end());
    drafts_.drop_sent(room->facts.id, id.op);
    if (auto* op = box_.find(id.op)) box_.place(*op, seq);
}

void sync::hear(instant, const wire::watermark& frame, client_effects& out) {
    auto* room = find(frame.room);
    if (!room || !room->hears()) return;
    committed(*room, room->log.settle(frame));
    if (frame.epoch == room->log.epoch() && frame.w > room->log.w())
        return resume_again(*room, "a watermark above all that was told", out);
    // Another history than the one on which they were composed: what the server knows of it starts lower.
    if (room->follows == following::resuming && room->fresh)
        for (const auto& op : box_.ops())
            if (op->room() == room->facts.id) op->since = std::min(op->since, room->log.w());
}

void sync::hear(instant now, const wire::truncated& frame, client_effects& out) {
    auto* room = find(frame.room);
    if (!room || !room->hears()) return;
    expect_untold(now);
    note(out, log_level::warn, "truncated", "what was not stored is offered again", frame.room);
    room->log.truncate(frame.epoch, frame.after);
    room->changed = true;
    truncating_ = frame.room;
    box_.requeue(frame.room);
}

void sync::hear(instant, const wire::behind& frame, client_effects& out) {
    auto* room = find(frame.room);
    if (!room || !room->hears()) return;
    note(out, log_level::info, "behind", "resuming", frame.room);
    room->follows = following::no;
    room->log.lose_link();
    room->settle_due = true;
    room->changed = true;
}

void sync::hear(instant, const wire::lost&, client_effects& out) {
    note(out, log_level::warn, "lost", "what has no verdict is offered again", {});
    // Rooms that are followed are told by `truncated` what became of them.
    for (auto* op : box_.in_order()) {
        if (resumed(op->room())) continue;
        box_.unknown(*op);
        hold(op->room()).changed = true;
    }
}

void sync::hear(instant now, wire::reply frame, client_effects& out) {
    const auto asked = answered(frame.request);
    if (asked.what == asked_for::nothing) return;
    wait_anew(now, frame.request);
    if (asked.what == asked_for::untold) {
        if (!truncating_.is_zero()) return truncation_told();
        if (!listed_) want_settles();
        listed_ = true;
        return;
    }
    if (asked.what == asked_for::rooms) return rooms_answered(std::move(frame));
    auto* room = find(asked.room);
    if (!room) return;
    room->changed = true;
    switch (asked.what) {
    case asked_for::subscribe: return subscribe_answered(now, *room, frame, out);
    case asked_for::settle:
        if (room->settles > 0) --room->settles;
        if (frame.code == errc::none) return;
        room->settle_due = true;
        room->not_before_ms = now.mono_ms + busy_ms;
        return;
    case asked_for::older: return older_answered(*room, frame);
    case asked_for::members: return members_answered(*room, std::move(frame));
    case asked_for::nothing:
    case asked_for::untold:
    case asked_for::rooms: return;
    }
}

void sync::subscribe_answered(instant now, held_room& room, const wire::reply& frame, client_effects& out) {
    if (frame.request != room.subscribe_request || room.follows == following::no) return;
    if (frame.code == errc::none) {
        if (room.follows != following::resuming) return resume_again(room, "a resume without a page", out);
        room.follows = following::live;
        return told_all(room);
    }
    room.follows = following::no;
    room.settle_due = true;
    if (is_transient(frame.code)) {
        room.not_before_ms = now.mono_ms + busy_ms;
    } else if (frame.code == errc::too_large) {
        room.not_before_ms = now.mono_ms + refused_ms;
    } else {
        room.facts.joined = false;
        end_following(room);
    }
}

void sync::told_all(held_room& room) {
    room.log.repeated_all();
    room.landed.clear();
    room.log.trim(most_held(room));
}

void sync::truncation_told() {
    if (auto* room = find(truncating_)) {
        room->log.repeated_all();
        room->changed = true;
    }
    truncating_ = {};
}

void sync::older_answered(held_room& room, const wire::reply& frame) {
    if (room.older != asking::asked || frame.request != room.older_request) return;
    room.older = asking::no;
    if (frame.code == errc::none) (void)room.log.extend(frame.from, frame.to, std::move(room.older_rows));
    room.older_rows.clear();
}

void sync::members_answered(held_room& room, wire::reply frame) {
    room.roster = asking::no;
    if (frame.code != errc::none) return;
    for (auto& member : frame.members)
        room.roster_rows.push_back(std::move(member));
    const bool askable = !frame.key.empty() && frame.key.size() <= limits::request_key_bytes;
    if (frame.more && askable && room.roster_rows.size() < listed_most) {
        room.roster_key = std::move(frame.key);
        room.roster = asking::wanted;
        return;
    }
    room.members = std::move(room.roster_rows);
    room.roster_rows.clear();
    room.roster_known = true;
    room.members_w = frame.w;
    for (const auto& event : room.log.rows())
        if (event.seq <= room.log.w()) room.fold_member(event);
}

void sync::rooms_answered(wire::reply frame) {
    listing_asking_ = asking::no;
    if (frame.code != errc::none) return;
    if (listing_key_.empty()) listing_.rooms.clear();
    if (listing_.rooms.size() < listed_most)
        for (auto& room : frame.rooms)
            listing_.rooms.push_back(std::move(room));
    listing_.more = frame.more;
    listing_.key = std::move(frame.key);
    listing_.known = true;
    listing_changed_ = true;
}

void sync::committed(held_room& room, std::uint64_t before) {
    room.changed = true;
    const auto& rows = room.log.rows();
    auto it = std::lower_bound(rows.begin(), rows.end(), before + 1,
                               [](const wire::event& e, std::uint64_t seq) { return e.seq < seq; });
    for (; it != rows.end() && it->seq <= room.log.w(); ++it) {
        room.facts.fold(*it);
        room.fold_member(*it);
        if (!(it->id.author == self_)) continue;
        if (auto* op = box_.find(it->id.op))
            box_.settle(*op, verdict_of(it->kind, it->code, it->duplicate_of));
    }
    if (room.follows == following::live) room.log.trim(most_held(room));
}

void sync::settle(outbox_op& op, const verdict& verdict, std::uint64_t seq, std::uint64_t epoch,
                  std::int64_t time_ms) {
    if (auto* room = find(op.room())) {
        room->changed = true;
        // Unless it is drawn where another epoch had placed it, until the room tells.
        const bool to_come = room->facts.joined && seq > room->log.w() && !room->log.holds({self_, op.id()});
        if (verdict.ended == verdict::how::stored && op.kept.kind == change_kind::message && to_come)
            room->landed.push_back(landed_event(op, self_, seq, epoch, time_ms));
    }
    box_.settle(op, verdict);
}

void sync::resume_again(held_room& room, const char* why, client_effects& out) {
    note(out, log_level::error, "resume_again", why, room.facts.id);
    ++faults_;
    unfollow(room);
}

// What is placed there may have lost its place meanwhile, and nobody would say so.
void sync::unfollow(held_room& room) {
    unfollow_.push_back(room.facts.id);
    room.follows = following::no;
    room.log.lose_link();
    room.settle_due = true;
    room.changed = true;
}

void sync::end_following(held_room& room) {
    room.follows = following::no;
    room.log.end();
    room.landed.clear();
    room.older = asking::no;
    room.settle_due = true;
    room.changed = true;
}

bool sync::compare_digest(std::uint64_t digest) {
    std::uint64_t ours = 0;
    for (const auto& room : rooms_) {
        if (room->follows == following::asked || room->follows == following::resuming) return false;
        if (room->follows == following::live)
            ours ^= room_digest(room->id(), room->log.head(), room->log.w());
    }
    mismatches_ = ours == digest ? 0 : mismatches_ + 1;
    if (mismatches_ < 2) return false;
    mismatches_ = 0;
    for (const auto& room : rooms_)
        if (room->follows == following::live) unfollow(*room);
    return true;
}

}  // namespace parley
