#pragma once

#include "server/net/unique_fd.hpp"
#include "tests/chaos/forecast.hpp"
#include "tests/chaos/link.hpp"
#include "tests/chaos/tally.hpp"

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

namespace parley::chaos {

/// A bad network on a port of its own, in front of a server on this machine. It begins calm.
///
///     proxy network{server.port(), forecast_of(seed, storm_ms)};
///     network.storm();
///     …
///     network.heal();
class proxy {
public:
    proxy(std::uint16_t server_port, forecast expected);
    proxy(const proxy&) = delete;
    proxy& operator=(const proxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Each connection, those that there are first, meets its fate, and the time of the gusts begins.
    void storm();

    /// Everybody gets through again, and what was held goes on. Who was made to believe in a dead
    /// connection is told nothing.
    void heal();

    [[nodiscard]] tally counted() const;

private:
    enum class sky : std::uint8_t { calm, stormy };

    void run(const std::stop_token& ending);
    void obey(std::int64_t now_ms);
    void blow(std::int64_t now_ms);
    [[nodiscard]] connection_fate next_fate();
    void begin_gust(const gust& next, std::int64_t now_ms);
    void listen_or_refuse(std::int64_t now_ms);
    void accept_all();
    void carry_all(std::int64_t now_ms);
    void wait(std::int64_t now_ms);
    void wake();

    std::uint16_t server_port_;
    forecast forecast_;
    unique_fd listener_;
    std::uint16_t port_;
    unique_fd alarm_;
    std::atomic<sky> ordered_ = sky::calm;

    // of its thread
    enum class door : std::uint8_t { open, shut };
    sky sky_ = sky::calm;
    door door_ = door::open;
    std::int64_t stormy_since_ms_ = 0, refusing_until_ms_ = 0, frozen_until_ms_ = 0;
    std::size_t next_gust_ = 0;
    std::list<link> links_;

    mutable std::mutex mutex_;
    tally tally_;
    std::jthread thread_;  ///< ends first
};

}  // namespace parley::chaos
