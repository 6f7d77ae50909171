#pragma once

#include "server/hub/hub.hpp"
#include "server/store/store.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace parley {

/// Threads that ask the store what hubs want to know. The store is never asked on a hub's own thread.
class query_pool {
public:
    using answer = std::function<void(query_answered)>;

    query_pool(room_store& store, std::size_t threads);
    /// Waits for the queries under way; the others are dropped.
    ~query_pool();

    /// `tell` is called once, on one of the pool's threads.
    void ask(query what, answer tell);

private:
    struct job {
        query what;
        answer tell;
    };

    void work();

    room_store& store_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace parley
