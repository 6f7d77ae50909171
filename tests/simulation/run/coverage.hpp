#pragma once

#include "tests/simulation/laws/witness.hpp"
#include "tests/simulation/run/pairs.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string_view>

namespace parley::simulation {

/// What was reached: which fact met which state of which machine (`pairs.hpp`), and which fault struck at
/// which step of a message's journey. Seen from outside, as checkers see it. One may watch many worlds, one
/// after the other.
class coverage final : public witness {
public:
    [[nodiscard]] const met_pairs& met() const { return met_; }

    void begun(stage& all) override;
    void struck(deed what) override;
    void server_died() override;
    void judged(const append_item& item, const append_answer& answer) override;
    void written(const commit_batch& batch, commit_outcome::kind how) override;
    void session_ended(const seen_session& who) override;
    void heard(const seen_session& who, const wire::frame_up& frame) override;
    void stepped(tab& where, const client_fact& fact, const client_effects& effects) override;
    void worker_gone(tab& where) override;

private:
    /// What a tab's client was when its step began.
    struct before {
        connection_state connection = connection_state::offline;
        std::map<change_id, op_state> ops;
        std::map<room_id, std::string_view> rooms;
    };

    void meet(std::string_view machine, std::string_view state, std::string_view fact);
    void meet_op(const before& was, const change_id& change, std::string_view fact);
    void meet_all_ops(const before& was, std::string_view fact);
    void meet_room(const before& was, room_id room, std::string_view fact);
    void meet_intent(const before& was, const intended& wish);
    void meet_frames(tab& where, const before& was, byte_view message);
    void strike(tab& where, std::string_view fault);
    void strike_all(std::string_view fault);

    stage* stage_ = nullptr;
    met_pairs met_;
    std::map<std::uint64_t, before> tabs_;
    std::set<std::uint64_t> greeted_;
    bool failing_ = false;
};

}  // namespace parley::simulation
