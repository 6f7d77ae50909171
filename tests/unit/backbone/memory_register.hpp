#pragma once

#include "server/backbone/epoch_register.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <string>

namespace parley::testing {

/// The row of the store in memory, by the same rules; it may be away, lose answers and go back.
class memory_register final : public epoch_register {
public:
    [[nodiscard]] result<order_row> read() override {
        std::lock_guard lock{mutex_};
        if (away_) return fail(errc::unavailable, "the store is away");
        return row_;
    }

    [[nodiscard]] result<order_row> confirm() override {
        locked([&] { ++confirmed_; });
        return read();
    }

    [[nodiscard]] result<std::uint64_t> raise(std::uint64_t seen, std::uint64_t floor,
                                              const std::string& incarnation) override {
        std::lock_guard lock{mutex_};
        if (away_) return fail(errc::unavailable, "the store is away");
        const bool reused = incarnation != row_.incarnation && known_.contains(incarnation);
        if (row_.epoch != seen || reused) return std::uint64_t{0};
        row_ = {std::max(row_.epoch, floor) + 1 + 7 * ++raised_, 0, incarnation};
        known_.insert(incarnation);
        if (in_doubt_ > 0 && in_doubt_-- > 0) return fail(errc::unavailable, "no answer to a commit");
        return row_.epoch;
    }

    void set_away(bool away) {
        locked([&] { away_ = away; });
    }

    /// So many raises are carried out without an answer.
    void doubt(int times) {
        locked([&] { in_doubt_ = times; });
    }

    void store_up_to(std::uint64_t n) {
        locked([&] { row_.n = n; });
    }

    [[nodiscard]] std::uint64_t confirmed() {
        std::lock_guard lock{mutex_};
        return confirmed_;
    }

    [[nodiscard]] std::uint64_t raised() {
        std::lock_guard lock{mutex_};
        return raised_;
    }

private:
    template <class Action>
    void locked(Action action) {
        std::lock_guard lock{mutex_};
        action();
    }

    std::mutex mutex_;
    order_row row_;
    std::set<std::string> known_;
    std::uint64_t raised_ = 0;
    std::uint64_t confirmed_ = 0;
    int in_doubt_ = 0;
    bool away_ = false;
};

}  // namespace parley::testing
