#pragma once

#include "server/store/committer.hpp"
#include "tests/simulation/edges/server_process.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace parley::simulation {

/// How the store behaves at the moment.
struct store_mood {
    bool failing = false;
    bool full = false;
    std::int64_t stalled_until_ms = 0;
};

/// The committer with its thread, and a store that is slow, fails, doubts, or will not take a row.
class committer_host {
public:
    using state_changed = std::function<void(bool accepting)>;

    committer_host(const server_process::inside& in, const store_mood& mood, state_changed tell);
    ~committer_host();
    committer_host(const committer_host&) = delete;
    committer_host& operator=(const committer_host&) = delete;

    void log_grew();
    void gather(const read_mark& mark);
    /// The store's mood has changed.
    void look_at_store();

    [[nodiscard]] bool drained() const;

private:
    void turn();
    void step(const committer_fact& fact);
    void write(write_batch what);
    [[nodiscard]] commit_outcome commit(const write_batch& what);
    [[nodiscard]] bool refuses(const write_batch& what);
    void tell_state();
    [[nodiscard]] std::int64_t delay_ms();

    [[nodiscard]] bool spend() { return !dead_ && !(dead_ = !in_.spend()); }

    template <class Action>
    void later(std::int64_t delay, Action action) {
        in_.around.clock.after(delay, [alive = alive_, action = std::move(action)]() mutable {
            if (*alive) action();
        });
    }

    server_process::inside in_;
    const store_mood& mood_;
    state_changed tell_;
    dice chance_;
    committer core_;
    log_position position_;
    std::uint64_t epoch_;       ///< when it last found a gap
    std::uint64_t next_n_ = 0;  ///< of the next placed entry; 0: not known
    bool accepting_ = true;     ///< as the committer says
    std::optional<bool> told_;
    bool turn_due_ = false;
    bool dead_ = false;
    std::optional<deadline_ms> timer_;
    std::uint64_t timer_number_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace parley::simulation
