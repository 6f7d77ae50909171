#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>

namespace parley::simulation {

namespace {

/// L7: nothing that has a place, void or not, gets another in the same history; and a request over HTTP has
/// one outcome, which is the store's. (That a key is answered the same each time, its program sees.)
class idempotence final : public law {
public:
    idempotence(surroundings& around, chronicle& seen) : law("L7 idempotence", around, seen) {}

    void epoch_begun(std::uint64_t) override { placed_.clear(); }

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what != judgement::placed) return;
        const auto& id = item.event.id;
        const auto* place = seen_.stored_at(id);
        require_or(!place || !(place->event.room == item.event.room), [&] {
            return "op " + to_text(id.op) + " gets place " + std::to_string(answer.at.seq) +
                   " though it stands at " + std::to_string(place->event.seq);
        });
        const auto [at, fresh] = placed_.emplace(id, answer.at.seq);
        require_or(fresh, [&] { return "op " + to_text(id.op) + " has two places of one epoch"; });
    }

    void judge(stage& all) override {
        for (const auto& call : all.programs->calls()) {
            if (call->op.kind != change_kind::message || call->verdict.code == errc::no_such_room) continue;
            const auto* place = seen_.stored_at({call->author->user, call->op.id});
            if (seen_.restores() > 0) continue;
            const bool stands = place && place->event.kind != change_kind::nothing;
            const auto& verdict = call->verdict;
            const bool said = verdict.outcome == outcome::committed && verdict.kind != change_kind::nothing;
            require(said == stands, "the answer to the HTTP request of op " + to_text(call->op.id) +
                                        " says " + (said ? "stored" : "not stored") +
                                        ", the store otherwise");
            if (said)
                require(place->event.seq == verdict.seq || seen_.restores() > 0,
                        "an HTTP answer names another place");
        }
    }

private:
    std::map<change_id, std::uint64_t> placed_;
};

}  // namespace

law_ptr make_idempotence(surroundings& around, chronicle& seen) {
    return std::make_unique<idempotence>(around, seen);
}

}  // namespace parley::simulation
