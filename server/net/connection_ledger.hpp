#pragma once

#include "shared/base/limits.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace parley {

struct connection_limits {
    std::size_t per_address = limits::connections_per_address;            ///< 0: none
    std::size_t unfinished_per_address = limits::unfinished_per_address;  ///< 0: none
};

/// How many connections each address has, and how many of those have not yet sent a whole request.
/// Thread-safe: a connection is entered on the front thread and may end on a hub's.
class connection_ledger {
public:
    explicit connection_ledger(connection_limits bounds) : limits_(bounds) {}

private:
    struct entry {
        std::size_t open = 0;
        std::size_t unfinished = 0;
    };

    using entries = std::unordered_map<std::string, entry>;

public:
    /// One connection's place in the ledger, given up with the ticket. The ledger outlives it.
    class ticket {
    public:
        ticket() = default;

        ticket(ticket&& other) noexcept
            : ledger_(std::exchange(other.ledger_, nullptr)),
              at_(other.at_),
              unfinished_(other.unfinished_) {}

        ticket& operator=(ticket&& other) noexcept {
            std::swap(ledger_, other.ledger_);
            std::swap(at_, other.at_);
            std::swap(unfinished_, other.unfinished_);
            return *this;
        }

        ~ticket();

        explicit operator bool() const { return ledger_ != nullptr; }

        /// A whole request came.
        void finish();

    private:
        friend class connection_ledger;
        connection_ledger* ledger_ = nullptr;
        entries::value_type* at_ = nullptr;
        bool unfinished_ = false;
    };

    /// An empty ticket where the address has no room left.
    [[nodiscard]] ticket enter(const std::string& address, bool unfinished);

private:
    connection_limits limits_;
    std::mutex mutex_;
    entries entries_;
};

}  // namespace parley
