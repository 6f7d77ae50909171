#pragma once

#include <cstddef>
#include <cstdint>

/// How often and how badly things go wrong in one world, by what they befall; drawn from its seed, so that
/// some worlds are calm and some are storms. Defaults are calm.
namespace parley::simulation {

struct network_rates {
    std::int64_t latency_ms = 1;            ///< up to, each way
    bool steady = true;                     ///< always that much
    std::size_t kernel_bytes = 256 * 1024;  ///< sent and not read before the sender feels it
    std::uint32_t refused_percent = 0;      ///< connections that fail at once
};

struct disk_rates {
    std::int64_t delay_ms = 0;         ///< up to, for a transaction
    std::uint32_t fails_permille = 0;  ///< of transactions
};

struct store_rates {
    std::int64_t delay_ms = 1;  ///< up to, until a question or a batch has reached it, and for its answer
    std::uint32_t commit_fails_percent = 0;
    std::uint32_t row_refused_permille = 0;
    std::uint32_t query_fails_percent = 0;
};

struct hub_rates {
    std::int64_t lag_ms = 0;          ///< up to, until a hub or the committer reads on
    std::uint32_t hurry_percent = 0;  ///< of turns after which the next comes at once
    std::int64_t order_ms = 0;        ///< up to, until the backbone answers an append; 0: within the turn
};

struct clock_rates {
    std::int64_t wrong_ms = 0;        ///< up to, either way, of a wall clock at the beginning
    std::int64_t drift_permille = 0;  ///< up to, either way, of a device's clocks
};

struct limit_rates {
    std::uint32_t burst = 10, window_ms = 0;  ///< messages of a user; window 0: no limit
    std::size_t sessions_per_user = 20;
};

struct speech_rates {
    std::size_t longest_bytes = 20;
    std::uint32_t burst = 2;  ///< messages at once, up to
};

struct rates {
    network_rates network;
    disk_rates disk;
    store_rates store;
    hub_rates hubs;
    clock_rates clocks;
    limit_rates limits;
    speech_rates speech;
    bool locks = true;  ///< the browser has Web Locks
};

}  // namespace parley::simulation
