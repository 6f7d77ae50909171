#pragma once

#include "server/backbone/backbone.hpp"
#include "server/backbone/epoch_register.hpp"
#include "server/backbone/redis/calls.hpp"
#include "server/backbone/redis_epochs.hpp"
#include "server/backbone/settled_watch.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace parley::redis {

struct backbone_options {
    address where;
    std::string database;  ///< the id of the store's database: keys carry it
    epochs_config epochs;
    call_limits bounds;
    /// Called on a thread of the backbone when it begins or ceases to take ops; `why` in one line.
    std::function<void(bool accepting, const std::string& why)> tell = [](bool, const std::string&) {};
};

/// A backbone for many processes: Redis orders, the register has the epoch.
///
/// Two threads, each with a connection that blocks. One finds the epoch and reads the log on, the other asks
/// Redis: appends of all hubs, one call in flight, and settlements. Until an epoch is adopted, and whenever
/// Redis is away, appends are answered `busy` or wait for their answer; the log, `find` and `read` go on.
///
/// Appends are answered from its own thread. `find` knows what this process has read; an op that is placed
/// and not read yet is unknown, is offered again, and found by the window in Redis.
class redis_backbone final : public backbone, public settled_watch {
public:
    /// Throws `std::runtime_error` with one line if this Redis can't be worked with; see `complaint_about`.
    redis_backbone(backbone_options options, epoch_register& store);
    ~redis_backbone() override;

    /// Blocks until ops are taken; else says why they are not, in one line.
    [[nodiscard]] std::string wait_until_working(std::chrono::milliseconds most);

    /// Says what was settled, for 3 s at most, and ends both threads.
    void stop() override;

    [[nodiscard]] std::uint64_t epoch() const override;
    [[nodiscard]] std::optional<appended> append(std::uint64_t epoch, std::vector<append_item> items,
                                                 std::function<void(appended)> later) override;
    [[nodiscard]] std::vector<standing> find(std::uint64_t epoch, room_id room,
                                             std::span<const change_id> changes) override;
    [[nodiscard]] log_position end() const override;
    [[nodiscard]] log_read read(log_position from) override;
    void on_append(std::function<void()> wake) override;
    /// Returns at once; it is said to Redis until it is acknowledged, or its epoch ends.
    void settle(const settled_entry& settled) override;

    [[nodiscard]] settled_place settled() const override;
    [[nodiscard]] bool wait_settled(settled_place place, std::chrono::milliseconds most) const override;

    /// Ops read and not settled yet.
    [[nodiscard]] bool provisional() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace parley::redis
