#pragma once

#include "server/store/postgres_database.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace parley::postgres {

/// A few connections that only read, opened when first needed.
class reader_pool {
public:
    using opener = std::function<std::unique_ptr<connection>()>;

    reader_pool(std::size_t size, opener open) : size_(size), open_(std::move(open)) {}

    /// Runs `read(connection&)` in one snapshot and gives what it gives. Throws `failure`. The server may
    /// have been started again since a connection was last used: then it reads on a new one.
    template <class Read>
    auto run(Read read) {
        lease taken{*this};
        if (taken.used) {
            try {
                return read_on(*taken.db, read);
            } catch (const failure& why) {
                if (why.kind() != trouble::lost) throw;
            }
            taken.renew();
        }
        return read_on(*taken.db, read);
    }

private:
    struct lease {
        explicit lease(reader_pool& of);
        ~lease();
        lease(const lease&) = delete;
        lease& operator=(const lease&) = delete;

        void renew();

        reader_pool& pool;
        std::unique_ptr<connection> db;
        bool used = false;
    };

    template <class Read>
    static auto read_on(connection& db, Read& read) {
        transaction snapshot{db, transaction::kind::reading};
        return read(db);
    }

    /// Null: one may be opened.
    [[nodiscard]] std::unique_ptr<connection> take();
    void give_back(std::unique_ptr<connection> db);

    std::size_t size_;
    opener open_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<connection>> idle_;
    std::size_t busy_ = 0;
};

}  // namespace parley::postgres
