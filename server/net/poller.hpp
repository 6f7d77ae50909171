#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <sys/epoll.h>
#include <vector>

namespace parley {

/// epoll for one thread, and a way for others to wake it. Level-triggered: what a turn leaves unread is ready
/// again in the next.
class poller {
public:
    poller();
    ~poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    /// `key` comes back with each of its events; never 0.
    bool add(int fd, std::uint64_t key);
    void want_writable(int fd, std::uint64_t key, bool wanted);
    void remove(int fd);

    /// What is ready, until the next wait. Nothing: wait without end; 0: only look. `pending` is asked once
    /// `wake` is heard again, so that what was posted before is not slept over.
    template <class Pending>
    std::span<const epoll_event> wait(std::optional<std::int64_t> timeout_ms, Pending&& pending) {
        if (timeout_ms && *timeout_ms <= 0) return look(0);
        asleep_ = true;
        const bool nothing = !pending();
        const auto ready = look(!nothing     ? 0
                                : timeout_ms ? static_cast<int>(std::min<std::int64_t>(*timeout_ms, 60'000))
                                             : -1);
        asleep_ = false;
        return ready;
    }

    std::span<const epoll_event> look() { return look(0); }

    /// Ends the wait, or keeps the next one from sleeping. From any thread; costs nothing while the thread
    /// works.
    void wake();

private:
    std::span<const epoll_event> look(int timeout_ms);

    int epoll_ = -1;
    int waker_ = -1;
    std::atomic<bool> asleep_{false};
    std::vector<epoll_event> events_ = std::vector<epoll_event>(512);
};

}  // namespace parley
