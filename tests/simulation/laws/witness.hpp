#pragma once

#include "server/backbone/backbone.hpp"
#include "server/store/store.hpp"
#include "shared/client/client.hpp"
#include "shared/wire/frames.hpp"
#include "tests/simulation/edges/tab.hpp"
#include "tests/simulation/plan/deed.hpp"

#include <cstdint>
#include <vector>

namespace parley::simulation {

struct stage;

/// A session as the edge of the server sees it.
struct seen_session {
    std::uint64_t handle = 0;
    std::size_t hub = 0;
    user_id user;   ///< as the server has authenticated it
    user_id owner;  ///< whose device it is
};

/// Who watches a world from outside: checkers, and the record of what was reached. Told at the moment it
/// happens; a law that does not hold is a `violation`, thrown.
class witness {
public:
    virtual ~witness() = default;

    // ---- the plot
    /// `all` is there until the next world begins.
    virtual void begun(stage& /*all*/) {}

    virtual void struck(deed /*fault*/) {}

    // ---- the order
    virtual void epoch_begun(std::uint64_t /*epoch*/) {}

    virtual void server_died() {}

    /// Hubs forget their rooms and load them again.
    virtual void reloading() {}

    virtual void judged(const append_item& /*item*/, const append_answer& /*answer*/) {}

    virtual void settled(const settled_entry& /*entry*/) {}

    // ---- the store
    virtual void stored(const wire::event& /*event*/) {}

    virtual void written(const commit_batch& /*batch*/, commit_outcome::kind /*how*/) {}

    virtual void row_refused(const wire::event& /*event*/) {}

    virtual void restored() {}

    // ---- what sessions hear and say, at the server's edge
    virtual void session_opened(const seen_session& /*who*/) {}

    virtual void session_ended(const seen_session& /*who*/) {}

    virtual void heard(const seen_session& /*who*/, const wire::frame_up& /*frame*/) {}

    virtual void told(const seen_session& /*who*/, const wire::frame_down& /*frame*/) {}

    virtual void answered(user_id /*author*/, const wire::op_reply& /*reply*/) {}

    // ---- devices
    virtual void composed(tab& /*where*/, const composed_op& /*op*/) {}

    virtual void stepped(tab& /*where*/, const client_fact& /*fact*/, const client_effects& /*effects*/) {}

    virtual void drawn(tab& /*where*/) {}

    virtual void logged(tab& /*where*/, const client_log& /*line*/) {}

    virtual void worker_gone(tab& /*where*/) {}

    // ---- when nothing goes wrong any more and all is quiet
    virtual void judge(stage& /*all*/) {}
};

/// All who watch.
class audience {
public:
    void add(witness& who) { all_.push_back(&who); }

    template <class Telling>
    void tell(Telling what) const {
        for (auto* who : all_)
            what(*who);
    }

private:
    std::vector<witness*> all_;
};

}  // namespace parley::simulation
