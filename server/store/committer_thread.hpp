#pragma once

#include "server/backbone/backbone.hpp"
#include "server/store/committer.hpp"
#include "server/store/store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace parley {

/// The committer's thread: reads the log, executes what the machine decides, and looks after the space that
/// is left.
class committer_thread {
public:
    /// Called on this thread when the store begins or ceases to take anything; `why` is empty while it does.
    using state_changed = std::function<void(bool accepting, const std::string& why)>;

    /// Called on this thread when what the store keeps can't be trusted any more: the process must end.
    using damage_found = std::function<void(const std::string& reason)>;

    committer_thread(room_store& store, backbone& order, log_sharing sharing, state_changed tell,
                     damage_found end);

    /// Ends without writing what waits, unless `drain` came first.
    ~committer_thread();
    committer_thread(const committer_thread&) = delete;
    committer_thread& operator=(const committer_thread&) = delete;

    void start();

    /// From any thread.
    void mark_read(const read_mark& mark);

    /// Writes all that the log holds now, for 10 s at most, and ends. This process may append nothing any
    /// more. False: not all.
    bool drain();

private:
    void run();
    /// False: nothing came for a while.
    bool wait();
    void work(committer& machine);
    [[nodiscard]] bool hear(committer& machine, committer_effects& effects);
    /// The answer that the machine waits for, if it asked for something.
    [[nodiscard]] std::optional<committer_fact> carry_out(const committer& machine,
                                                          const committer_effects& effects);
    void look_at_store();
    void tell_state();
    void wake();
    [[nodiscard]] bool finished(const committer& machine);

    room_store& store_;
    backbone& order_;
    state_changed tell_;
    damage_found end_;
    log_sharing sharing_;
    log_position position_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = true;
    bool draining_ = false;
    bool stopping_ = false;
    std::vector<read_mark> marks_;
    deadline_ms drain_by_ms_ = 0;
    log_position drain_to_;
    std::optional<std::uint64_t> drain_upto_;  ///< the last entry before it, once that is read

    // of the thread alone
    std::optional<deadline_ms> due_;
    deadline_ms look_at_ms_ = 0;
    store_state store_state_;
    std::string refusal_;  ///< why the store wants nothing new
    bool rested_ = true;   ///< since the last batch
    std::string told_;
    bool drained_ = false;
    std::thread thread_;
};

}  // namespace parley
