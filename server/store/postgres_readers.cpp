#include "server/store/postgres_readers.hpp"

namespace parley::postgres {

reader_pool::lease::lease(reader_pool& of) : pool(of), db(of.take()), used(db != nullptr) {
    if (used) return;
    try {
        db = pool.open_();
    } catch (...) {
        pool.give_back(nullptr);
        throw;
    }
}

reader_pool::lease::~lease() {
    pool.give_back(std::move(db));
}

void reader_pool::lease::renew() {
    db.reset();
    db = pool.open_();
}

std::unique_ptr<connection> reader_pool::take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return busy_ < size_; });
    ++busy_;
    if (idle_.empty()) return nullptr;
    auto db = std::move(idle_.back());
    idle_.pop_back();
    return db;
}

void reader_pool::give_back(std::unique_ptr<connection> db) {
    {
        const std::lock_guard lock{mutex_};
        --busy_;
        if (db && db->is_open()) idle_.push_back(std::move(db));
    }
    changed_.notify_one();
}

}  // namespace parley::postgres
