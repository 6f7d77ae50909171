#pragma once

#include "shared/base/ids.hpp"
#include "shared/base/time.hpp"
#include "tests/simulation/edges/device_disk.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace parley::simulation {

class tab;

struct person {
    user_id user;
    std::string name;
    std::size_t number = 0;
};

/// The clocks of one machine: how long it is up, and what it thinks the time is.
class machine_clock {
public:
    machine_clock(const surroundings& around, std::int64_t up_ms, std::int64_t wrong_ms,
                  std::int64_t drift_permille)
        : around_(around), up_ms_(up_ms), wrong_ms_(wrong_ms), drift_permille_(drift_permille) {}

    [[nodiscard]] instant now() const {
        const auto since = around_.clock.now_ms() + around_.clock.now_ms() * drift_permille_ / 1000;
        return {up_ms_ + since, around_.wall_start_ms + since + wrong_ms_};
    }

    /// How long in the world until this machine's monotonic clock shows that.
    [[nodiscard]] std::int64_t until(deadline_ms at) const {
        const auto left = at - now().mono_ms;
        return left <= 0 ? 0 : (left * 1000 + 999 + drift_permille_) / (1000 + drift_permille_);
    }

    void jump(std::int64_t ms) { wrong_ms_ += ms; }

    [[nodiscard]] std::int64_t wrong_ms() const { return wrong_ms_; }

private:
    const surroundings& around_;
    std::int64_t up_ms_;
    std::int64_t wrong_ms_;
    std::int64_t drift_permille_;
};

/// Who a browser's cookie says that one is.
struct signed_in_as {
    const person* who = nullptr;
    login_id login;
};

/// A browser profile of one person: what its tabs share.
struct device {
    device(const person& whose, std::uint64_t n, machine_clock told) : owner(whose), number(n), clock(told) {}

    const person& owner;
    std::uint64_t number;
    machine_clock clock;
    device_disk disk;
    signed_in_as cookie;
    std::map<ulid, tab*> locks;          ///< who holds which outbox
    std::map<ulid, std::int64_t> beats;  ///< where there are no locks: when its owner was last alive
    std::set<ulid> outboxes;             ///< all that ever were
    std::int64_t asleep_until_ms = 0;
    std::int64_t timers_late_until_ms = 0;
};

}  // namespace parley::simulation
