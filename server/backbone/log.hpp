#pragma once

#include "server/backbone/backbone.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace parley {

/// The one log of a process, read by each hub and by the committer at their own pace. Thread-safe.
///
/// It keeps all that is not settled and the last `limits::log_settled_entries` that are. Trimming follows
/// settlement, never a reader: one that has fallen behind finds a gap.
class log {
public:
    /// Entries are given in order. True if `wake` is due: once until somebody reads.
    [[nodiscard]] bool append(std::vector<log_entry_ptr> entries);
    /// Something is missing between what stands here and what comes next: every reader finds a gap. True as
    /// `append`.
    [[nodiscard]] bool break_off();
    /// To be called outside of all locks.
    void wake();

    [[nodiscard]] log_position end() const;
    [[nodiscard]] log_read read(log_position from);

    /// `wake` is called from any thread.
    void on_append(std::function<void()> wake);

private:
    void note(const log_entry& entry);
    void trim();
    void drop_oldest();

    mutable std::mutex mutex_;
    std::deque<log_entry_ptr> entries_;
    std::uint64_t first_ = 0;    // the position of the oldest kept
    std::uint64_t settled_ = 0;  // the position after the last settled entry
    std::uint64_t upto_ = 0;     // of this epoch, settled up to this n
    epoch_entry trimmed_;        // the epoch and the n of the last that was trimmed; epoch 0: of none
    bool signalled_ = false;
    std::vector<std::shared_ptr<const std::function<void()>>> wakes_;
};

}  // namespace parley
