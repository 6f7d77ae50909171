#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>

namespace parley::simulation {

namespace {

/// L4: what a screen calls committed is in the store, and stays as it is; the watermark never falls while the
/// store keeps what it acknowledged.
class prefix final : public law {
public:
    prefix(surroundings& around, chronicle& seen) : law("L4 prefix", around, seen) {}

    void drawn(tab& where) override {
        const auto* view = where.shown().is_zero() ? nullptr : where.core().room(where.shown());
        if (!view) return;
        for (const auto& row : view->rows)
            if (row.committed && row.seq != 0) judge_row(where, *view, row);
        if (seen_.restores() == 0) watch_w(where);
    }

    void worker_gone(tab& where) override { w_.erase(where.number()); }

private:
    void judge_row(tab& where, const room_view& view, const row_view& row) {
        require_or(seen_.ever(view.id, row.seq, row.change, row.kind), [&] {
            return where.label() + " shows as committed what never was so at " + std::to_string(row.seq);
        });
        if (seen_.restores() > 0) return;
        const auto [known, first] = shown_.emplace(std::make_pair(view.id, row.seq), row.change);
        require_or(first || known->second == row.change,
                   [&] { return "two screens show different changes at " + std::to_string(row.seq); });
    }

    /// While it follows the room: a snapshot on its way may start lower.
    void watch_w(tab& where) {
        auto& seen = w_[where.number()];
        for (const auto* room : where.core().rooms()) {
            if (!room->caught_up || !room->joined) {
                seen.erase(room->id);
                continue;
            }
            auto& w = seen[room->id];
            require_or(room->w >= w, [&] {
                return where.label() + "'s watermark fell from " + std::to_string(w) + " to " +
                       std::to_string(room->w);
            });
            w = room->w;
        }
    }

    std::map<std::pair<room_id, std::uint64_t>, change_id> shown_;
    std::map<std::uint64_t, std::map<room_id, std::uint64_t>> w_;
};

}  // namespace

law_ptr make_prefix(surroundings& around, chronicle& seen) {
    return std::make_unique<prefix>(around, seen);
}

}  // namespace parley::simulation
