#pragma once

#include "shared/base/ids.hpp"
#include "shared/base/random.hpp"
#include "shared/base/time.hpp"

#include <cstdint>
#include <optional>

namespace parley {

/// The server's time as this device knows it, and the op ids that carry it (L1). Once told, it runs on with
/// the monotonic clock: somebody may set the other one at any moment.
class server_clock {
public:
    explicit server_clock(random_source& random) : random_(random) {}

    [[nodiscard]] std::int64_t offset_ms() const { return offset_ms_; }

    [[nodiscard]] bool known() const { return known_; }

    [[nodiscard]] std::int64_t now_ms(instant now) const {
        return told_ ? told_->server_ms + now.mono_ms - told_->mono_ms : now.wall_ms + offset_ms_;
    }

    /// As kept from an earlier run.
    void recall(std::int64_t offset_ms) { offset_ms_ = offset_ms, known_ = true; }

    /// True if the offset has moved so far that it is worth keeping.
    bool told(instant now, std::int64_t server_ms);

    /// A fresh id, above all before it unless time went back by more than ids are allowed to be ahead.
    [[nodiscard]] ulid next_id(instant now);

    /// An id from storage: the next ones shall be above it.
    void saw(const ulid& id, instant now);

private:
    struct telling {
        std::int64_t server_ms = 0, mono_ms = 0;
    };

    random_source& random_;
    std::optional<telling> told_;
    std::int64_t offset_ms_ = 0;
    std::int64_t kept_ms_ = 0;
    bool known_ = false;
    ulid last_;
};

}  // namespace parley
