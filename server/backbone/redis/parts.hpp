#pragma once

#include "server/backbone/append_line.hpp"
#include "server/backbone/known_places.hpp"
#include "server/backbone/log.hpp"
#include "server/backbone/redis/redis_backbone.hpp"
#include "server/backbone/settlements.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace parley::redis {

/// To be called outside of all locks.
inline void tell_all(append_line::answered answers) {
    for (const auto& answer : answers)
        answer();
}

/// Two threads: the tail's finds the epoch and reads the log (`tail.cpp`), the asker's appends and settles
/// (`asker.cpp`).
struct redis_backbone::parts {
    parts(backbone_options given, epoch_register& shared)
        : options(std::move(given)),
          store(shared),
          keys(options.database),
          tail_link(options.where),
          tail(tail_link, keys, options.bounds),
          ask_link(options.where),
          asker(ask_link, keys, options.bounds),
          machine(options.epochs) {}

    // the tail's thread
    void follow();
    void step(const epochs_fact& fact);
    [[nodiscard]] std::optional<epochs_fact> answer_of(const epochs_effects& effects);
    void adopt(const adopt_epoch& order);
    void abandon();
    void read_on();
    [[nodiscard]] bool deliver(std::vector<read_entry> entries);
    void rest();
    void tell_trouble();

    // the asker's thread
    void ask();
    void ask_append(std::unique_lock<std::mutex>& lock);
    void ask_settle(std::unique_lock<std::mutex>& lock);
    void end_epochs(std::unique_lock<std::mutex>& lock);
    void failed(std::unique_lock<std::mutex>& lock);
    void lost(std::uint64_t adoption_then);
    [[nodiscard]] bool has_work() const;
    void tell_state(bool accepting, const std::string& why);

    backbone_options options;
    epoch_register& store;
    key_names keys;
    log entries;

    connection tail_link;
    calls tail;
    connection ask_link;
    calls asker;

    // of the tail's thread alone
    redis_epochs machine;
    std::uint64_t position = 0;  // the last entry read of this epoch
    std::string trouble;         // the last thing that went wrong
    std::chrono::steady_clock::time_point abandoned_at = std::chrono::steady_clock::now();

    mutable std::mutex mutex;  // of all below
    std::condition_variable changed;
    term now;
    std::uint64_t adoptions = 0;
    std::uint64_t lost_adoption = 0;  // the asker was told `lost` in that one
    bool working = false;             // adopted, not abandoned
    bool stopping = false;
    std::string why_not = "Redis and the database do not agree on an epoch yet";  // while it never worked
    std::uint64_t seen = 0;                                                       // `position`, for the asker
    known_places places;
    append_line line;
    settlements settled;
    bool full = false;  // Redis has no memory left
    std::chrono::steady_clock::time_point tighten_at{};
    std::mutex telling;
    std::optional<bool> told;

    std::thread following, asking;
};

}  // namespace parley::redis
