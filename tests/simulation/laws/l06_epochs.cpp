#include "shared/base/limits.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace parley::simulation {

namespace {

/// L6: epochs rise and none comes twice; nothing of an older epoch is stored; and a row of somebody else that
/// was on a screen never goes in silence: it is committed, shown as withdrawn, or turned out to stand
/// elsewhere.
class epochs final : public law {
public:
    epochs(surroundings& around, chronicle& seen) : law("L6 epochs", around, seen) {}

    void epoch_begun(std::uint64_t epoch) override {
        require(seen_before_.insert(epoch).second, "epoch " + std::to_string(epoch) + " comes twice");
        require(epoch > last_ || seen_.restores() > 0,
                "epoch " + std::to_string(epoch) + " is below the last one");
        last_ = epoch;
    }

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what == judgement::placed && item.event.kind == change_kind::nothing)
            voids_.insert(item.event.id);
    }

    void stored(const wire::event& event) override {
        if (event.seq == 1 && event.room == general_room) return;
        require_or(event.epoch == last_,
                   [&] { return "an event of an older epoch is stored at " + std::to_string(event.seq); });
    }

    /// Who was out of the room for a moment has let go of it, even if no frame was drawn meanwhile.
    void stepped(tab& where, const client_fact& /*fact*/, const client_effects& /*effects*/) override {
        const auto* view = where.shown().is_zero() ? nullptr : where.core().room(where.shown());
        if (!view || !view->joined) shown_[where.number()] = {};
    }

    void drawn(tab& where) override {
        const auto* view = where.shown().is_zero() ? nullptr : where.core().room(where.shown());
        auto& before = shown_[where.number()];
        if (!view || !view->joined || !(view->id == before.room)) before = {};
        if (!view || !view->joined) return;
        std::map<change_id, std::uint64_t> now;
        std::set<change_id> all;
        std::size_t withdrawn = 0;
        for (const auto& row : view->rows) {
            all.insert(row.change);
            withdrawn += row.withdrawn;
            if (!row.mine && !row.committed && row.seq != 0 && row.kind == change_kind::message)
                now.emplace(row.change, row.seq);
        }
        // More than so many that were withdrawn at once are not kept.
        if (before.rows.size() + withdrawn <= limits::snapshot_events)
            for (const auto& [change, seq] : before.rows)
                if (all.count(change) == 0) gone(where, *view, change, seq);
        before = {view->id, std::move(now)};
    }

    void worker_gone(tab& where) override { shown_.erase(where.number()); }

private:
    struct screen {
        room_id room;
        std::map<change_id, std::uint64_t> rows;  ///< of others, provisional
    };

    void gone(tab& where, const room_view& view, const change_id& change, std::uint64_t seq) {
        if (seq <= view.held_from) return;  // a snapshot begins above it
        if (seen_.ever_void(view.id, seq)) return;
        if (voids_.count(change) != 0) return;  // it returned as a void, if only for an epoch
        const auto* stands = seen_.stored_at(change);
        if (stands && stands->event.kind == change_kind::nothing) return;
        require_or(stands && (stands->event.seq <= view.held_from || stands->event.seq > view.w), [&] {
            return where.label() + " has lost the row of op " + to_text(change.op) + ", once at " +
                   std::to_string(seq) + ", without a word";
        });
    }

    std::set<std::uint64_t> seen_before_;
    std::set<change_id> voids_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, screen> shown_;
};

}  // namespace

law_ptr make_epochs(surroundings& around, chronicle& seen) {
    return std::make_unique<epochs>(around, seen);
}

}  // namespace parley::simulation
