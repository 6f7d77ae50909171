#pragma once

#include "server/backbone/log.hpp"
#include "server/backbone/sequencer.hpp"

#include <functional>
#include <mutex>

namespace parley {

/// A backbone within one process: a sequencer and the process's log.
class local_backbone final : public backbone {
public:
    /// `epoch` as the store has raised it; `now_ms` reads the monotonic clock, from any thread.
    local_backbone(std::uint64_t epoch, std::function<std::int64_t()> now_ms,
                   std::size_t rooms_most = limits::sequencer_rooms)
        : now_ms_(std::move(now_ms)), sequencer_(epoch, rooms_most) {}

    [[nodiscard]] std::uint64_t epoch() const override;
    /// Answers at once.
    [[nodiscard]] std::optional<appended> append(std::uint64_t epoch, std::vector<append_item> items,
                                                 std::function<void(appended)> later) override;
    /// One answer per item, in order. The events of those that are placed are moved away.
    [[nodiscard]] std::vector<append_answer> append(std::uint64_t epoch, std::span<append_item> items);
    [[nodiscard]] std::vector<standing> find(std::uint64_t epoch, room_id room,
                                             std::span<const change_id> changes) override;

    [[nodiscard]] log_position end() const override { return log_.end(); }

    [[nodiscard]] log_read read(log_position from) override { return log_.read(from); }

    void on_append(std::function<void()> wake) override { log_.on_append(std::move(wake)); }

    void settle(const settled_entry& settled) override;

    /// Starts an epoch that the store has raised: all that the sequencer knew is forgotten (L6).
    void begin(std::uint64_t epoch);

    /// Ops placed and not settled yet.
    [[nodiscard]] std::size_t provisional() const;

    /// Nothing more is placed and all is settled: `begin` would lose nothing.
    [[nodiscard]] bool wants_epoch() const;

private:
    std::function<std::int64_t()> now_ms_;
    mutable std::mutex mutex_;  // held while logging too: the log has the sequencer's order
    sequencer sequencer_;
    log log_;
};

}  // namespace parley
