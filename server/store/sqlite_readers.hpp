#pragma once

#include "server/store/sqlite_database.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace parley::sqlite {

/// A few connections that only read, opened when first needed. Each read is one snapshot and is interrupted
/// when it takes longer than `time`.
class reader_pool {
public:
    reader_pool(std::filesystem::path file, std::size_t size, std::chrono::milliseconds time)
        : file_(std::move(file)), size_(size), time_(time) {}

    /// Runs `read(database&)` in a transaction of its own and gives what it gives. Throws `failure`.
    template <class Read>
    auto run(Read read) {
        const lease taken{*this};
        transaction snapshot{*taken.db, transaction::kind::reading};
        return read(*taken.db);
    }

    /// While it lives no read runs: those under way are waited for, new ones wait.
    class pause {
    public:
        explicit pause(reader_pool& pool);
        ~pause();
        pause(const pause&) = delete;
        pause& operator=(const pause&) = delete;

    private:
        reader_pool& pool_;
    };

private:
    struct lease {
        explicit lease(reader_pool& of);
        ~lease();
        lease(const lease&) = delete;
        lease& operator=(const lease&) = delete;

        reader_pool& pool;
        std::unique_ptr<database> db;
    };

    [[nodiscard]] std::unique_ptr<database> take();
    void give_back(std::unique_ptr<database> db);

    std::filesystem::path file_;
    std::size_t size_;
    std::chrono::milliseconds time_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<database>> idle_;
    std::size_t busy_ = 0;
    bool paused_ = false;
};

}  // namespace parley::sqlite
