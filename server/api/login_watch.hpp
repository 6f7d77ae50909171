#pragma once

#include "server/store/account_store.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace parley {

/// Asks twice a second which logins were ended, since commands like `parleyd disable-user` end them from
/// another process. On a thread of its own.
class login_watch {
public:
    using ended = std::function<void(const std::vector<login_id>&)>;

    login_watch(account_store& accounts, ended tell);
    ~login_watch();
    login_watch(const login_watch&) = delete;
    login_watch& operator=(const login_watch&) = delete;

private:
    void run();
    void look();

    account_store& accounts_;
    ended tell_;
    std::int64_t cursor_ = -1;  ///< negative: where to begin is not known yet
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace parley
