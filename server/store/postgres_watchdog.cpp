#include "server/store/postgres_watchdog.hpp"

#include <sys/socket.h>

namespace parley::postgres {

namespace {

constexpr std::chrono::milliseconds between_looks{500};

}  // namespace

watchdog::~watchdog() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

watchdog::call::call(watchdog& by, int socket, std::chrono::milliseconds most) : by_(by) {
    const std::lock_guard lock{by_.mutex_};
    by_.calls_.emplace_back(clock::now() + most, socket);
    at_ = std::prev(by_.calls_.end());
    if (by_.calls_.size() == 1) by_.changed_.notify_one();
}

watchdog::call::~call() {
    const std::lock_guard lock{by_.mutex_};
    by_.calls_.erase(at_);
}

void watchdog::run() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (calls_.empty()) {
            changed_.wait(lock);
            continue;
        }
        for (const auto& [deadline, socket] : calls_)
            if (clock::now() > deadline) ::shutdown(socket, SHUT_RDWR);
        changed_.wait_for(lock, between_looks);
    }
}

}  // namespace parley::postgres
