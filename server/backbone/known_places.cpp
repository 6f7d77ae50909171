#include "server/backbone/known_places.hpp"

#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

void known_places::forget() {
    *this = {};
}

void known_places::place(const placed_entry& entry) {
    const auto& event = entry.event;
    numbers_.insert_or_assign(event.id, forgotten_ + places_.size());
    places_.push_back({event.id,
                       event.room,
                       entry.n,
                       {event.seq, event.epoch, entry.hash, event.time_ms, event.kind, event.code, 0}});
}

void known_places::settle(const settled_entry& settled) {
    const auto from = settled_;
    upto_ = std::max(upto_, settled.upto);
    while (settled_ < places_.size() && places_[settled_].n <= upto_)
        ++settled_;
    for (const auto& voided : settled.voids) {
        for (auto i = from; i < settled_; ++i) {
            auto& one = places_[i];
            if (one.at.seq != voided.place.seq || !(one.room == voided.room)) continue;
            one.at.kind = change_kind::nothing;
            one.at.code = voided.place.code;
            one.at.duplicate_of = voided.place.duplicate_of;
        }
    }
    for (; settled_ > limits::log_settled_entries; --settled_, ++forgotten_) {
        const auto found = numbers_.find(places_.front().change);
        if (found != numbers_.end() && found->second == forgotten_) numbers_.erase(found);
        places_.pop_front();
    }
}

std::vector<standing> known_places::find(room_id room, std::span<const change_id> changes) const {
    std::vector<standing> found(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto number = numbers_.find(changes[i]);
        if (number == numbers_.end()) continue;
        const auto& place = places_[number->second - forgotten_];
        if (place.room == room) found[i] = place.at;
    }
    return found;
}

}  // namespace parley
