#pragma once

#include "server/backbone/local_backbone.hpp"
#include "server/hub/hub.hpp"
#include "server/store/committer.hpp"
#include "server/store/memory_store.hpp"
#include "tests/fuzz/hub_listener.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace parley::fuzz {

/// One hub with a real backbone, committer and memory store. What the hub asks is answered when the input
/// says so, in any order that the contract allows; the store may fail, the backbone may lose its state.
class hub_stage {
public:
    hub_stage();

    void begin_in_company();

    /// One fact or more, as the input decides.
    void act(choices& choose);

    /// Everything is answered and everybody goes; then the hub must hold nothing any more (L19).
    void finish();

private:
    void feed(const hub_fact& fact);
    void collect();
    void flush();

    void open(choices& choose);
    void say(hub_listener& who, choices& choose);
    void say_raw(hub_listener& who, choices& choose);
    void close(hub_listener& who);
    void post(choices& choose);
    void pass(std::int64_t ms);
    void ask_order();
    void read_log();
    void skip_log();
    void answer_query(std::size_t at, bool fails);
    void write(committer_effects& made);
    void step_committer(const committer_fact& fact);
    void commit(choices& choose);
    void lose_backbone();

    /// So many turns in which everything is answered and nothing fails.
    void settle_down(int turns);

    [[nodiscard]] hub_listener* some_listener(choices& choose);
    [[nodiscard]] query_answered answer_of(const query& asked);

    instant now_{1'000, 1'800'000'000'000};
    memory_store store_;
    std::uint64_t epoch_;
    bool raised_ = false;  ///< the store has begun an epoch of which the backbone has not heard
    local_backbone order_;
    hub hub_;
    hub_effects effects_;
    log_position position_;
    committer writer_;
    log_position writer_position_;
    std::optional<write_batch> to_write_;
    bool accepting_ = true;
    bool halted_ = false;  ///< some room is

    std::vector<append> appends_;
    std::vector<find_changes> finds_;
    std::deque<query> queries_;
    std::vector<close_session> closes_;
    std::set<std::uint64_t> tokens_;  ///< HTTP ops that are not answered yet
    std::uint64_t last_token_ = 0;
    vocabulary http_words_;

    std::map<session_handle, std::unique_ptr<hub_listener>> listeners_;
    session_handle last_handle_ = 0;
};

}  // namespace parley::fuzz
