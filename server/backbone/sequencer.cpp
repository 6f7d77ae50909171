#include "server/backbone/sequencer.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

std::size_t weight_of(const wire::event& event) {
    return sizeof(placed_entry) + event.name.size() + event.text.size() + event.author_name.size();
}

void sequencer::begin(std::uint64_t epoch) {
    *this = sequencer{epoch, rooms_most_};
}

std::vector<append_answer> sequencer::append(std::int64_t now_ms, std::uint64_t epoch,
                                             std::span<append_item> items,
                                             std::vector<placed_entry>& placed) {
    if (epoch != epoch_) return std::vector<append_answer>(items.size());
    ++calls_;
    std::vector<append_answer> answers;
    answers.reserve(items.size());
    for (auto& item : items)
        answers.push_back(judge(now_ms, item, placed));
    return answers;
}

append_answer sequencer::judge(std::int64_t now_ms, append_item& item, std::vector<placed_entry>& placed) {
    if (const auto* before = remembered(item.event.id)) return repeated(item, *before);
    if (full()) return {judgement::busy};
    const auto state = state_of(item);
    auto& room = states_[state];
    if (room.stopped == calls_) return {judgement::skipped};
    const auto why = obstacle(now_ms, item, room);
    if (why == judgement::placed) return place(now_ms, item, state, placed);
    room.stopped = calls_;
    return {why};
}

const sequencer::logged* sequencer::remembered(const change_id& change) const {
    const auto found = window_.find(change);
    return found == window_.end() ? nullptr : &log_[found->second - (n_ - log_.size() + 1)];
}

std::uint32_t sequencer::state_of(const append_item& item) {
    if (const auto found = rooms_.find(item.event.room); found != rooms_.end()) return found->second;
    const auto state = static_cast<std::uint32_t>(states_.size());
    rooms_.emplace(item.event.room, state);
    states_.push_back({item.base, item.base, item.fence, item.base});
    return state;
}

append_answer sequencer::repeated(const append_item& item, const logged& before) {
    const auto& at = before.at;
    if (before.room != item.event.room) return append_answer{judgement::conflict, at};
    const bool either_void = at.kind == change_kind::nothing || item.event.kind == change_kind::nothing;
    return append_answer{either_void || at.hash == item.hash ? judgement::duplicate : judgement::conflict,
                         at};
}

judgement sequencer::obstacle(std::int64_t now_ms, const append_item& item, const room_state& room) const {
    if (item.since < room.t) return judgement::ask;
    if (!item.after.is_zero()) {
        const auto* before = remembered({item.event.id.author, item.after});
        if (!before || before->room != item.event.room) return judgement::after_missing;
    }
    if (item.fence < room.f && item.event.kind != change_kind::nothing) return judgement::stale;
    if (at_bound(now_ms, room, weight_of(item.event))) return judgement::busy;
    return judgement::placed;
}

bool sequencer::at_bound(std::int64_t now_ms, const room_state& room, std::size_t size) const {
    if (room.halted) return true;
    if (room.h - room.w >= limits::room_provisional_ops) return true;
    if (room.bytes + size > limits::room_provisional_bytes) return true;
    if (provisional_ops_ >= limits::process_provisional_ops) return true;
    if (provisional_bytes_ + size > limits::process_provisional_bytes) return true;
    // A room may stand above W for longer than its bound while the store works through what came before it.
    const auto stuck_since = std::max(room.moved_ms, settled_ms_);
    return room.h > room.w && now_ms - stuck_since > limits::room_provisional_ms;
}

append_answer sequencer::place(std::int64_t now_ms, append_item& item, std::uint32_t state,
                               std::vector<placed_entry>& placed) {
    auto& room = states_[state];
    const auto size = weight_of(item.event);
    if (room.h == room.w) room.moved_ms = now_ms;
    ++room.h;
    room.bytes += size;
    ++provisional_ops_;
    provisional_bytes_ += size;
    if (item.fences) room.f = room.h;

    ++n_;
    item.event.seq = room.h;
    item.event.epoch = epoch_;
    const standing at{room.h, epoch_, item.hash, item.event.time_ms, item.event.kind, item.event.code, 0};
    window_.emplace(item.event.id, n_);
    log_.push_back({item.event.id, item.event.room, state, static_cast<std::uint32_t>(size), at});
    placed.push_back({n_, std::move(item.event), item.hash, item.fences});
    return {judgement::placed, at};
}

std::vector<standing> sequencer::find(std::uint64_t epoch, room_id room,
                                      std::span<const change_id> changes) const {
    std::vector<standing> places(changes.size());
    if (epoch != epoch_) return places;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto* found = remembered(changes[i]);
        if (found && found->room == room) places[i] = found->at;
    }
    return places;
}

bool sequencer::settle(std::int64_t now_ms, const settled_entry& settled) {
    if (settled.epoch != epoch_ || settled.upto <= settled_) return false;
    PARLEY_ASSERT(settled.upto <= n_);
    settled_ms_ = now_ms;
    for (const auto& voided : settled.voids)
        note_void(voided);
    for (const auto& mark : settled.rooms) {
        auto* room = find_state(mark.room);
        if (!room || mark.w <= room->w) continue;
        PARLEY_ASSERT(mark.w <= room->h);
        room->w = mark.w;
        room->moved_ms = now_ms;
    }
    for (const auto& id : settled.halted) {
        if (auto* room = find_state(id)) room->halted = true;
    }
    free_up_to(settled.upto);
    trim();
    return true;
}

sequencer::room_state* sequencer::find_state(const room_id& room) {
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? nullptr : &states_[found->second];
}

void sequencer::note_void(const settled_void& voided) {
    // Rare, hence a search.
    for (std::size_t i = 0; i < log_.size(); ++i) {
        auto& entry = log_[i];
        if (entry.at.seq != voided.place.seq || entry.room != voided.room) continue;
        entry.at.kind = change_kind::nothing;
        entry.at.code = voided.place.code;
        entry.at.duplicate_of = voided.place.duplicate_of;
        return;
    }
}

void sequencer::free_up_to(std::uint64_t upto) {
    const auto first = n_ - log_.size() + 1;
    for (auto n = settled_ + 1; n <= upto; ++n) {
        const auto& entry = log_[n - first];
        states_[entry.state].bytes -= entry.bytes;
        provisional_bytes_ -= entry.bytes;
        --provisional_ops_;
    }
    settled_ = upto;
}

void sequencer::trim() {
    while (n_ - log_.size() + limits::log_settled_entries < settled_) {
        const auto& oldest = log_.front();
        window_.erase(oldest.change);
        states_[oldest.state].t = oldest.at.seq;
        (void)log_.pop_front();
    }
}

}  // namespace parley
