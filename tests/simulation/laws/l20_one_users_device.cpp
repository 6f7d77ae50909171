#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

namespace parley::simulation {

namespace {

/// L20: a device says nothing but hello to a session that is another user's, and neither offers nor shows
/// what its user never composed.
class one_users_device final : public law {
public:
    one_users_device(surroundings& around, chronicle& seen) : law("L20 one user's device", around, seen) {}

    void heard(const seen_session& who, const wire::frame_up& frame) override {
        require_or(who.user == who.owner || std::holds_alternative<wire::hello>(frame),
                   [] { return "a device speaks in the session of another user"; });
        const auto* op = std::get_if<wire::op>(&frame);
        require_or(!op || seen_.ever_composed({who.owner, op->id}), [&] {
            return "a device offers op " + to_text(op->id) + ", which its user never composed";
        });
    }

    void drawn(tab& where) override {
        for (const auto& row : where.core().outbox())
            require_or(seen_.ever_composed(row.change), [&] {
                return where.label() + " shows op " + to_text(row.change.op) + " as its user's own";
            });
    }
};

}  // namespace

law_ptr make_one_users_device(surroundings& around, chronicle& seen) {
    return std::make_unique<one_users_device>(around, seen);
}

}  // namespace parley::simulation
