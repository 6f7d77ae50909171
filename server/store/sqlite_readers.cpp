#include "server/store/sqlite_readers.hpp"

#include <utility>

namespace parley::sqlite {

reader_pool::pause::pause(reader_pool& pool) : pool_(pool) {
    std::unique_lock lock{pool_.mutex_};
    pool_.changed_.wait(lock, [&] { return !pool_.paused_; });
    pool_.paused_ = true;
    pool_.changed_.wait(lock, [&] { return pool_.busy_ == 0; });
}

reader_pool::pause::~pause() {
    {
        const std::lock_guard lock{pool_.mutex_};
        pool_.paused_ = false;
    }
    pool_.changed_.notify_all();
}

reader_pool::lease::lease(reader_pool& of) : pool(of), db(of.take()) {
    db->set_deadline(std::chrono::steady_clock::now() + pool.time_);
}

reader_pool::lease::~lease() {
    db->set_deadline(std::nullopt);
    pool.give_back(std::move(db));
}

std::unique_ptr<database> reader_pool::take() {
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return !paused_ && busy_ < size_; });
        ++busy_;
        if (!idle_.empty()) {
            auto db = std::move(idle_.back());
            idle_.pop_back();
            return db;
        }
    }
    try {
        auto db = std::make_unique<database>(file_, access::read);
        db->set_busy_timeout(time_);
        return db;
    } catch (...) {
        give_back(nullptr);
        throw;
    }
}

void reader_pool::give_back(std::unique_ptr<database> db) {
    {
        const std::lock_guard lock{mutex_};
        --busy_;
        if (db) idle_.push_back(std::move(db));
    }
    changed_.notify_all();
}

}  // namespace parley::sqlite
