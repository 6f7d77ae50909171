#include "server/hub/state.hpp"

#include <algorithm>

namespace parley {
namespace {

constexpr std::size_t untold_voids_most = 500;

const wire::void_place* void_at(const settled_entry& settled, const room_id& where, std::uint64_t seq) {
    for (const auto& voided : settled.voids) {
        if (voided.place.seq == seq && voided.room == where) return &voided.place;
    }
    return nullptr;
}

bool concerns_members(change_kind kind) {
    return kind == change_kind::create || kind == change_kind::join || kind == change_kind::leave;
}

}  // namespace

void hub::state::take(const log_advanced& fact) {
    if (fact.gap) {
        asleep.clear();
        reload_all();
    }
    for (const auto& entry : fact.entries) {
        if (std::holds_alternative<placed_entry>(*entry)) {
            hear_placed(entry);
        } else if (std::holds_alternative<settled_entry>(*entry)) {
            hear_settled(entry);
        } else if (const auto begun = std::get<epoch_entry>(*entry).epoch; begun != epoch) {
            epoch = begun;
            lost = false;
            asleep.clear();
            reload_all();
        }
    }
    position = fact.position;
    log_read_to(fact.end);
}

/// The log has been read to `position`; it ended at `end` when that was read.
void hub::state::log_read_to(log_position end) {
    for (const auto& id : std::exchange(reading_on, {})) {
        auto* where = find_room(id);
        if (!where) continue;
        ++where->advancing;
        for (std::size_t i = 0; i < where->lanes.size(); ++i) {
            auto& one = *where->lanes[i];
            if (one.wait.why != lane_wait::reason::log_end) continue;
            if (!std::exchange(one.wait.until_known, true)) one.wait.until = end;
            if (position.next >= one.wait.until.next) {
                advance(*where, one);
            } else if (reading_on.empty() || !(reading_on.back() == id)) {
                reading_on.push_back(id);
            }
        }
        --where->advancing;
        drop_empty_lanes(*where);
    }
}

void hub::state::hear_placed(const log_entry_ptr& entry) {
    const auto& placed = std::get<placed_entry>(*entry);
    if (placed.event.epoch != epoch) return;
    auto* where = find_room(placed.event.room);
    if (!where) {
        asleep.push_back({placed.n, placed.event.room, entry});
        if (concerns_members(placed.event.kind) && sessions.find_user(placed.event.id.author)) {
            wake(placed.event.room);
        }
        return;
    }
    if (where->awake()) {
        place(*where, entry);
    } else {
        where->heard.push_back(entry);
    }
}

void hub::state::place(room& where, const log_entry_ptr& entry) {
    const auto& placed = std::get<placed_entry>(*entry);
    const auto& event = placed.event;
    if (event.seq <= where.fold.head()) return;
    if (event.seq > where.fold.head() + 1) return reload(where);
    where.fold.place(event_ptr{entry, &event}, placed.fences);
    speech.say(where, event);
    if (event.kind == change_kind::leave) begin_leave(where, event.id.author);
    if (!where.joins_asked.empty() && concerns_members(event.kind)) {
        const auto found = std::find(where.joins_asked.begin(), where.joins_asked.end(), event.id.author);
        if (found != where.joins_asked.end()) where.joins_asked.erase(found);
        advance(where, lane_wait::reason::answer);
    }
}

void hub::state::hear_settled(const log_entry_ptr& entry) {
    const auto& settled = std::get<settled_entry>(*entry);
    if (settled.epoch != epoch) return;
    while (!asleep.empty() && asleep.front().n <= settled.upto)
        asleep.pop_front();
    for (const auto& mark : settled.rooms) {
        auto* where = find_room(mark.room);
        if (!where) continue;
        if (where->awake()) {
            settle(*where, settled, mark.w);
        } else {
            where->heard.push_back(entry);
        }
    }
}

void hub::state::settle(room& where, const settled_entry& settled, std::uint64_t w) {
    auto& fold = where.fold;
    if (w <= fold.w()) return;
    if (w > fold.head()) return reload(where);
    std::vector<user_id> changed;
    while (fold.w() < w) {
        const auto kind = fold.at(fold.w() + 1)->kind;
        const auto* voided = void_at(settled, where.id, fold.w() + 1);
        const auto& event = fold.settle_next(voided);
        if (voided) where.untold_voids.push_back(*voided);
        // Of a leave they were told when it was placed; that it is void is news.
        if (concerns_members(kind) && (voided == nullptr) == (kind != change_kind::leave)) {
            changed.push_back(event.id.author);
        }
    }
    pay_debts(where);
    fold.trim();
    for (const auto& user : changed)
        tell_membership(where, user);
    if (where.untold_voids.size() > untold_voids_most) {
        tell_watermark(where);
    } else {
        rise(where);
    }
    advance(where, lane_wait::reason::settled);
    rest(where);
}

}  // namespace parley
