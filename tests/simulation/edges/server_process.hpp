#pragma once

#include "server/backbone/local_backbone.hpp"
#include "server/hub/hub.hpp"
#include "tests/simulation/edges/device.hpp"
#include "tests/simulation/edges/durable_store.hpp"
#include "tests/simulation/edges/link.hpp"
#include "tests/simulation/laws/witness.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace parley::simulation {

class hub_host;
class committer_host;

/// A server as its operating system sees it: a process that can be killed between any two of its effects, and
/// a store that outlives it. Inside are the real hubs, backbone and committer; the edges carry out their
/// effects, late and in turns.
class server_process {
public:
    using http_answer = std::function<void(const answer_http&)>;

    server_process(surroundings& around, audience& all, std::size_t hubs);
    ~server_process();

    [[nodiscard]] bool up() const { return running_ != nullptr; }

    [[nodiscard]] durable_store& store() { return store_; }

    [[nodiscard]] machine_clock& clock() { return clock_; }

    void start();
    void kill();

    /// Killed when so many more effects have been carried out.
    void doom(std::uint32_t effects_more);

    /// Tells every session, writes what has a place, and ends.
    void stop();

    /// The backbone loses what it knew, and a new epoch begins in the living process (L6).
    void lose_epoch();

    void set_store_failing(bool failing);
    void set_store_full(bool full);
    void stall_store(std::int64_t ms);

    /// A new socket of this user; false if nobody listens.
    bool accept(const std::shared_ptr<link>& connection, const signed_in_as& who, user_id owner);

    void end_login(login_id login);

    /// `answer` may never come: the process may die first. False if nobody listens.
    bool post(const person& author, const wire::op& op, http_answer answer);

    // ---- what can be seen of it
    [[nodiscard]] hub_counts counts() const;
    [[nodiscard]] std::size_t sessions() const;
    [[nodiscard]] std::size_t provisional() const;
    [[nodiscard]] bool drained() const;
    [[nodiscard]] std::size_t unsent() const;
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    // ---- for the hosts inside
    struct process;

    struct inside {
        surroundings& around;
        audience& all;
        durable_store& store;
        machine_clock& clock;
        local_backbone& order;
        std::function<bool()> spend;     ///< one effect; false: the process is dead
        std::function<void()> log_grew;  ///< whoever reads it, reads on
    };

private:
    [[nodiscard]] bool spend();
    void bury();
    void end_when_drained(std::int64_t by_ms);

    surroundings& around_;
    audience& all_;
    std::size_t hub_count_;
    dice chance_;
    machine_clock clock_;
    durable_store store_;
    std::unique_ptr<process> running_;
    std::uint64_t processes_ = 0;
    std::uint64_t handles_ = 0;
    std::uint64_t tokens_ = 0;
    std::optional<std::uint32_t> doom_;
    bool dying_ = false;
    bool store_failing_ = false;
    bool store_full_ = false;
    std::int64_t store_stalled_until_ms_ = 0;
};

}  // namespace parley::simulation
