#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <algorithm>
#include <map>

namespace parley::simulation {

namespace {

/// L8: what a settle is told is true: *unknown* only of what had no place when it was asked, *committed* only
/// of what is stored under that id.
class settlement final : public law {
public:
    settlement(surroundings& around, chronicle& seen) : law("L8 settlement", around, seen) {}

    void heard(const seen_session& who, const wire::frame_up& frame) override {
        if (const auto* settle = std::get_if<wire::settle>(&frame))
            asked_[who.handle].push_back({settle->request, settle->ops, around_.clock.now_ms()});
    }

    void told(const seen_session& who, const wire::frame_down& frame) override {
        if (const auto* done = std::get_if<wire::reply>(&frame))
            std::erase_if(asked_[who.handle],
                          [&](const question& one) { return one.request == done->request; });
        const auto* reply = std::get_if<wire::op_reply>(&frame);
        if (!reply) return;
        const change_id change{who.user, reply->op};
        if (reply->outcome == outcome::unknown) judge_unknown(who, change);
        if (reply->outcome == outcome::committed && reply->seq != 0 && reply->code == errc::none &&
            seen_.restores() == 0)
            judge_committed(change, *reply);
    }

    void session_ended(const seen_session& who) override { asked_.erase(who.handle); }

private:
    struct question {
        std::uint32_t request = 0;
        std::vector<op_id> ops;
        std::int64_t at_ms = 0;
    };

    void judge_unknown(const seen_session& who, const change_id& change) {
        const auto& open = asked_[who.handle];
        const auto asked = std::find_if(open.begin(), open.end(), [&](const question& one) {
            return std::find(one.ops.begin(), one.ops.end(), change.op) != one.ops.end();
        });
        require_or(asked != open.end(), [] { return "an op is called unknown that nobody asked for"; });
        const auto before = [&](const chronicle::place* place) {
            return place && place->at_ms < asked->at_ms;
        };
        require_or(!before(seen_.stored_at(change)), [&] {
            return "op " + to_text(change.op) + " is called unknown though it was stored when that was asked";
        });
        require_or(!before(seen_.placed_at(change)), [&] {
            return "op " + to_text(change.op) +
                   " is called unknown though it had a place when that was asked";
        });
    }

    void judge_committed(const change_id& change, const wire::op_reply& reply) {
        const auto* place = seen_.stored_at(change);
        require_or(place && place->event.seq == reply.seq, [&] {
            return "op " + to_text(change.op) + " is said to be committed at " + std::to_string(reply.seq) +
                   " and is not";
        });
    }

    std::map<std::uint64_t, std::vector<question>> asked_;  ///< by session, oldest first
};

}  // namespace

law_ptr make_settlement(surroundings& around, chronicle& seen) {
    return std::make_unique<settlement>(around, seen);
}

}  // namespace parley::simulation
