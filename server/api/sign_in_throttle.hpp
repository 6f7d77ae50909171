#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace parley {

/// So many failures of one account from one address within a window, then no more tries until the oldest has
/// left it. Each try counts as failed until it succeeds, so tries at the same time can't get past.
/// Thread-safe.
class sign_in_throttle {
public:
    /// `most_keys`: beyond, the keys that were used longest ago are forgotten.
    sign_in_throttle(int failures, std::int64_t window_ms, std::size_t most_keys)
        : failures_(static_cast<std::size_t>(failures)), window_ms_(window_ms), most_keys_(most_keys) {}

    /// 0: go on, and tell `succeeded` if it does. Else after how many ms to come back.
    [[nodiscard]] std::int64_t attempt(const std::string& account, const std::string& address,
                                       std::int64_t now_ms);

    /// What `attempt` would answer; counts nothing.
    [[nodiscard]] std::int64_t wait(const std::string& account, const std::string& address,
                                    std::int64_t now_ms) const;

    void succeeded(const std::string& account, const std::string& address);

    [[nodiscard]] std::size_t keys() const;

private:
    /// Who has a /64 of IPv6 has more addresses than anybody could count.
    using who = std::pair<std::string, std::string>;
    [[nodiscard]] static who who_of(const std::string& account, const std::string& address);

    struct record {
        std::deque<std::int64_t> at_ms;
        std::uint64_t used = 0;  ///< the turn in `by_use_`
    };

    [[nodiscard]] std::int64_t wait_of(const record& tries, std::int64_t now_ms) const;
    void touch(const who& person, record& tries);
    void forget_oldest();

    const std::size_t failures_;
    const std::int64_t window_ms_;
    const std::size_t most_keys_;
    mutable std::mutex mutex_;
    std::map<who, record> records_;
    std::map<std::uint64_t, who> by_use_;
    std::uint64_t turn_ = 0;
};

}  // namespace parley
