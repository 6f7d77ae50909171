#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace parley::simulation {

namespace {

/// L7: nothing that has a place, void or not, gets another in the same history; what was said once is stored
/// once, whatever its op was called meanwhile; and a request over HTTP has one outcome, which is the store's.
/// (That a key is answered the same each time, its program sees.)
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

    void composed(tab& where, const composed_op& op) override {
        if (!op.instead_of.op.is_zero()) said_again_.insert({where.owner().user, text_of(op)});
    }

    void stored(const wire::event& event) override {
        if (event.kind != change_kind::message || seen_.restores() > 0) return;
        const words said{event.id.author, event.text};
        const auto [at, fresh] = stored_.emplace(said, event.id);
        require_or(fresh || at->second == event.id || said_again_.count(said) != 0,
                   [&] { return "\"" + event.text.substr(0, 20) + "\" was said once and is stored twice"; });
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
    using words = std::pair<user_id, std::string>;

    /// That of an op which tries again is the former one's.
    [[nodiscard]] std::string text_of(const composed_op& op) const {
        const auto* story = seen_.story_of(op.instead_of);
        return story ? story->op.text : op.text;
    }

    std::map<change_id, std::uint64_t> placed_;
    std::map<words, change_id> stored_;
    std::set<words> said_again_;
};

}  // namespace

law_ptr make_idempotence(surroundings& around, chronicle& seen) {
    return std::make_unique<idempotence>(around, seen);
}

}  // namespace parley::simulation
