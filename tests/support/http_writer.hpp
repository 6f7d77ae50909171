#pragma once

#include "tests/support/http_client.hpp"
#include "tests/support/native_client.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace parley::testing {

/// "ann 17": what tells messages apart.
[[nodiscard]] std::string numbered(const std::string& name, int number);

/// A program that posts numbered messages, each until it is answered, under one `Idempotency-Key` each.
class http_writer {
public:
    /// `name`: what it calls itself there. A call without an answer for `patience` is made again.
    http_writer(const native_profile& profile, room_id room, std::string name,
                std::chrono::milliseconds patience);

    void speak(bool wanted);

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] int said() const { return said_; }

    /// Nothing is without its answer. Only while it does not speak.
    [[nodiscard]] bool idle() const { return !busy_; }

    /// An answer that tells neither success nor to try again; empty if there was none.
    [[nodiscard]] std::string complaint() const;

private:
    void run(const std::stop_token& ending);
    [[nodiscard]] bool offer(int number);

    std::string name_;
    std::string path_;
    http_client browser_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    bool speaking_ = false;
    std::string complaint_;
    std::atomic<bool> busy_ = false;
    std::atomic<int> said_ = 0;
    std::jthread thread_;  ///< ends first
};

}  // namespace parley::testing
