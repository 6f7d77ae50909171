#include "server/api/login_watch.hpp"

#include <chrono>
#include <utility>

namespace parley {

login_watch::login_watch(account_store& accounts, ended tell) : accounts_(accounts), tell_(std::move(tell)) {
    look();  // what was ended before now has no sockets
    thread_ = std::thread{[this] { run(); }};
}

login_watch::~login_watch() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void login_watch::run() {
    std::unique_lock lock{mutex_};
    while (!changed_.wait_for(lock, std::chrono::milliseconds{500}, [this] { return ending_; })) {
        lock.unlock();
        look();
        lock.lock();
    }
}

void login_watch::look() {
    const auto news = accounts_.logins_ended_since(cursor_);
    if (!news) return;  // the store is away for a moment; the next look tells it all
    cursor_ = news->cursor;
    if (!news->logins.empty()) tell_(news->logins);
}

}  // namespace parley
