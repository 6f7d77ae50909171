#pragma once

#include "tests/support/native_client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace parley::bench {

/// Many sessions of one thread, each with the client core that a browser has, all in `general`.
class herd {
public:
    /// Everybody is connected and has caught up.
    herd(std::uint16_t port, std::size_t sessions);
    ~herd();
    herd(const herd&) = delete;
    herd& operator=(const herd&) = delete;

    /// Waits for something to happen and acts on it. `also`: wakes when this can be read, too.
    void turn(int also);

    [[nodiscard]] std::size_t size() const { return members_.size(); }

    [[nodiscard]] std::size_t live() const { return live_; }

    /// Live, and holding all that was said, their own included.
    [[nodiscard]] std::size_t in_sync() const { return in_sync_; }

    /// Each of the first `count` says something.
    void say(std::size_t count);

    /// How long the members that lost their server meant to wait before their first try.
    [[nodiscard]] const std::vector<std::int64_t>& first_waits_ms() const { return first_waits_ms_; }

private:
    struct member {
        std::unique_ptr<testing::native_client> client;
        std::optional<deadline_ms> due;
        bool live = false;
        bool in_sync = false;
    };

    void add(testing::native_profile profile);
    void look_at(std::size_t number);
    [[nodiscard]] bool holds_all(member& who) const;

    int epoll_;
    std::vector<member> members_;
    std::set<std::pair<deadline_ms, std::size_t>> deadlines_;
    std::uint64_t goal_ = 0;  ///< the watermark that holds all that was said
    std::size_t live_ = 0;
    std::size_t in_sync_ = 0;
    std::vector<std::int64_t> first_waits_ms_;
};

}  // namespace parley::bench
