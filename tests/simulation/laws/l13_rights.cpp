#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <set>

namespace parley::simulation {

namespace {

/// L13: only members get a place, by what is committed and by leaves that are placed; and nobody is told what
/// was said after they left.
class rights final : public law {
public:
    rights(surroundings& around, chronicle& seen) : law("L13 rights", around, seen) {}

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what != judgement::placed) return;
        const auto& event = item.event;
        if (event.kind == change_kind::message)
            require_or(seen_.member(event.room, event.id.author), [&] {
                return "op " + to_text(event.id.op) + " of somebody who is no member got place " +
                       std::to_string(answer.at.seq);
            });
    }

    void told(const seen_session& who, const wire::frame_down& frame) override {
        const auto* event = std::get_if<wire::event>(&frame);
        if (!event) return;
        const auto left = seen_.left_at(event->room, who.user);
        require_or(left == 0 || event->seq <= left, [&] {
            return "a session is told place " + std::to_string(event->seq) +
                   " of a room that its user left at " + std::to_string(left);
        });
    }

    void judge(stage&) override {
        for (const auto& [room, log] : seen_.histories()) {
            std::set<user_id> members;
            for (const auto& [event, at] : log) {
                if (event.kind == change_kind::message || event.kind == change_kind::leave)
                    require(members.count(event.id.author) > 0,
                            "somebody who is no member acted at " + std::to_string(event.seq));
                if (event.kind == change_kind::leave) members.erase(event.id.author);
                if (event.kind == change_kind::join || event.kind == change_kind::create)
                    members.insert(event.id.author);
            }
        }
    }
};

}  // namespace

law_ptr make_rights(surroundings& around, chronicle& seen) {
    return std::make_unique<rights>(around, seen);
}

}  // namespace parley::simulation
