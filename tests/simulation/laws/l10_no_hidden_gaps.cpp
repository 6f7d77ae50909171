#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <set>

namespace parley::simulation {

namespace {

/// L10: between the oldest place that a screen holds and its head every place is drawn, but for voids and
/// one's own ops that wait to be told anew; rows stand in the order of their places, none twice.
class no_hidden_gaps final : public law {
public:
    no_hidden_gaps(surroundings& around, chronicle& seen) : law("L10 no hidden gaps", around, seen) {}

    void drawn(tab& where) override {
        const auto* view = where.shown().is_zero() ? nullptr : where.core().room(where.shown());
        if (!view) return;
        std::set<change_id> rows;
        std::uint64_t last = 0;
        std::uint64_t next = view->held_from;
        for (const auto& row : view->rows) {
            require_or(rows.insert(row.change).second,
                       [&] { return where.label() + " shows op " + to_text(row.change.op) + " twice"; });
            if (row.seq == 0) {
                last = ~std::uint64_t{0};  // what has no place stands behind all that has one
                continue;
            }
            require_or(row.seq >= last, [&] {
                return where.label() + " shows rows out of order at " + std::to_string(row.seq);
            });
            last = row.seq;
            // One's own that a verdict has placed stand there before the room has told what is below.
            const bool landed = row.mine && row.seq > view->w;
            if (!row.committed || landed) continue;
            for (++next; next < row.seq; ++next)
                missing(where, *view, next);
        }
        for (++next; next <= view->w; ++next)
            missing(where, *view, next);
    }

private:
    void missing(tab& where, const room_view& view, std::uint64_t seq) {
        require_or(seen_.ever_void(view.id, seq), [&] {
            return where.label() + " hides the gap at " + std::to_string(seq) + " between " +
                   std::to_string(view.held_from) + " and " + std::to_string(view.w);
        });
    }
};

}  // namespace

law_ptr make_no_hidden_gaps(surroundings& around, chronicle& seen) {
    return std::make_unique<no_hidden_gaps>(around, seen);
}

}  // namespace parley::simulation
