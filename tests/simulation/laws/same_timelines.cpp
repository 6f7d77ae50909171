#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <algorithm>
#include <set>

namespace parley::simulation {

namespace {

/// P2: in the end what every tab holds of a joined room is what the store holds, without a gap up to the
/// head, and no provisional or withdrawn row is among it.
class same_timelines final : public law {
public:
    same_timelines(surroundings& around, chronicle& seen) : law("P2 one timeline", around, seen) {}

    void judge(stage& all) override {
        for (const auto& one : all.tabs)
            for (const auto* listed : one->core().rooms())
                if (listed->joined && listed->caught_up) judge_room(*one, listed->id);
    }

private:
    void judge_room(tab& where, room_id room) {
        const auto* view = where.core().room(room);
        const auto& log = seen_.history(room);
        const auto who = where.label() + " in " + view->name;
        require(seen_.member(room, where.owner().user), who + " believes to be a member");
        require(view->w == log.size(),
                who + " is at " + std::to_string(view->w) + " of " + std::to_string(log.size()));
        std::uint64_t next = view->held_from;
        std::set<change_id> rows;
        for (const auto& row : view->rows) {
            require(rows.insert(row.change).second, who + " shows a row twice");
            if (row.seq == 0) {
                require(row.state == op_state::failed, who + " shows an own row without a place");
                continue;
            }
            if (row.withdrawn) {
                const auto* stands = seen_.stored_at(row.change);
                require(!stands || stands->event.kind == change_kind::nothing ||
                            stands->event.seq <= view->held_from,
                        who + " shows as withdrawn what is stored");
                continue;
            }
            require(row.committed && !row.dimmed, who + " shows a provisional row in the end");
            require(row.seq > next, who + " shows rows out of order");
            for (++next; next < row.seq; ++next)
                require(log[next - 1].event.kind != change_kind::message,
                        who + " misses " + std::to_string(next));
            const auto& event = log[row.seq - 1].event;
            require(event.id == row.change && event.kind == row.kind,
                    who + " shows another change at " + std::to_string(row.seq));
            require(event.text == row.text && event.author_name == row.author_name &&
                        event.time_ms == row.time_ms,
                    who + " shows another content at " + std::to_string(row.seq));
        }
        for (++next; next <= log.size(); ++next)
            require(log[next - 1].event.kind != change_kind::message,
                    who + " misses the end " + std::to_string(next));
    }
};

}  // namespace

law_ptr make_same_timelines(surroundings& around, chronicle& seen) {
    return std::make_unique<same_timelines>(around, seen);
}

}  // namespace parley::simulation
