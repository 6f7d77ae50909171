#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace parley {

/// Threads for work that blocks. They start when there is work; what waits is bounded.
class worker_pool {
public:
    using job = std::function<void()>;

    worker_pool(std::size_t threads, std::size_t waiting) : most_threads_(threads), most_waiting_(waiting) {}

    ~worker_pool() { end(); }

    worker_pool(const worker_pool&) = delete;
    worker_pool& operator=(const worker_pool&) = delete;

    /// False: too much waits already, the job was not taken. A job must not throw.
    [[nodiscard]] bool post(job work);

    /// Finishes what runs, drops what waits and takes nothing more.
    void end();

private:
    void run();

    const std::size_t most_threads_;
    const std::size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job> waiting_;
    std::vector<std::thread> threads_;
    std::size_t busy_ = 0;
    bool ending_ = false;
};

}  // namespace parley
