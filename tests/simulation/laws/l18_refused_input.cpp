#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>
#include <set>

namespace parley::simulation {

namespace {

/// L18: an op that was refused for good, and offered to nobody since, gets no place.
class refused_input final : public law {
public:
    refused_input(surroundings& around, chronicle& seen) : law("L18 refused input", around, seen) {}

    void heard(const seen_session& who, const wire::frame_up& frame) override {
        if (const auto* op = std::get_if<wire::op>(&frame)) ++offers_[{who.user, op->id}];
    }

    void told(const seen_session& who, const wire::frame_down& frame) override {
        const auto* reply = std::get_if<wire::op_reply>(&frame);
        if (!reply || reply->outcome != outcome::rejected) return;
        const change_id change{who.user, reply->op};
        if (offers_[change] == 1) refused_.insert(change);
    }

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what != judgement::placed || item.event.kind == change_kind::nothing) return;
        require_or(refused_.count(item.event.id) == 0 || offers_[item.event.id] > 1,
                   [&] { return "op " + to_text(item.event.id.op) + " got a place after it was refused"; });
    }

private:
    std::map<change_id, std::size_t> offers_;
    std::set<change_id> refused_;
};

}  // namespace

law_ptr make_refused_input(surroundings& around, chronicle& seen) {
    return std::make_unique<refused_input>(around, seen);
}

}  // namespace parley::simulation
