#include "server/api/worker_pool.hpp"

#include <utility>

namespace parley {

bool worker_pool::post(job work) {
    {
        const std::lock_guard lock{mutex_};
        // Those that a free thread will take at once do not wait.
        const std::size_t free = most_threads_ - busy_;
        if (ending_ || waiting_.size() >= most_waiting_ + free) return false;
        waiting_.push_back(std::move(work));
        if (busy_ + waiting_.size() > threads_.size() && threads_.size() < most_threads_)
            threads_.emplace_back([this] { run(); });
    }
    changed_.notify_one();
    return true;
}

void worker_pool::end() {
    std::deque<job> dropped;
    std::vector<std::thread> ended;
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
        dropped.swap(waiting_);
        ended.swap(threads_);
    }
    dropped.clear();
    changed_.notify_all();
    for (auto& thread : ended)
        thread.join();
}

void worker_pool::run() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (ending_) return;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        ++busy_;
        lock.unlock();
        next();
        next = nullptr;  // what it holds is given up outside of the lock
        lock.lock();
        --busy_;
    }
}

}  // namespace parley
