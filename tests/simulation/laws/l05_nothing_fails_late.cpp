#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <set>

namespace parley::simulation {

namespace {

/// L5: what has a place ends in it, unless the store has refused that very row; and nothing that has a place
/// is refused afterwards.
class nothing_fails_late final : public law {
public:
    nothing_fails_late(surroundings& around, chronicle& seen) : law("L5 nothing fails late", around, seen) {}

    void row_refused(const wire::event& event) override { refused_.insert(event.id); }

    void stored(const wire::event& event) override {
        if (event.kind != change_kind::nothing) return;
        if (event.code == errc::store_refused)
            require_or(refused_.count(event.id) != 0, [&] {
                return "place " + std::to_string(event.seq) +
                       " became a void though the store refused nothing there";
            });
    }

    void told(const seen_session& who, const wire::frame_down& frame) override {
        const auto* reply = std::get_if<wire::op_reply>(&frame);
        if (reply) judge_reply({who.user, reply->op}, *reply);
    }

    void answered(user_id author, const wire::op_reply& reply) override {
        judge_reply({author, reply.op}, reply);
    }

private:
    void judge_reply(const change_id& change, const wire::op_reply& reply) {
        if (reply.outcome != outcome::rejected || reply.code == errc::conflict ||
            reply.code == errc::bad_op_id)
            return;
        const auto* place = seen_.stored_at(change);
        require_or(!place || place->event.kind == change_kind::nothing, [&] {
            return "op " + to_text(change.op) + " is refused (" + std::string(name_of(reply.code)) +
                   ") though it is stored";
        });
    }

    std::set<change_id> refused_;
};

}  // namespace

law_ptr make_nothing_fails_late(surroundings& around, chronicle& seen) {
    return std::make_unique<nothing_fails_late>(around, seen);
}

}  // namespace parley::simulation
