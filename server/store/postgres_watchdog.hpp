#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace parley::postgres {

/// Shuts the sockets of calls that take too long: libpq waits for ever for a server that is frozen, or behind
/// a network that swallows everything.
class watchdog {
public:
    using clock = std::chrono::steady_clock;

    watchdog() : thread_([this] { run(); }) {}

    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    /// One call on a socket, which ends with this object.
    class call {
    public:
        call(watchdog& by, int socket, std::chrono::milliseconds most);
        ~call();
        call(const call&) = delete;
        call& operator=(const call&) = delete;

    private:
        watchdog& by_;
        std::list<std::pair<clock::time_point, int>>::iterator at_;
    };

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<std::pair<clock::time_point, int>> calls_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace parley::postgres
