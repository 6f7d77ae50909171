#pragma once

#include "shared/client/outbox.hpp"
#include "shared/client/server_clock.hpp"
#include "shared/client/upstream.hpp"
#include "shared/policy/rate_limiter.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace parley {

class sync;

/// Offers what the outbox has, as fast as order, the server's patience and its limit allow (L9, L17).
///
/// Of each lane the first queued op goes, then the next, each naming the one before it, without waiting for
/// answers. Nobody is ever refused for typing fast: what the limit does not allow yet stays queued, and goes
/// when it does.
class sender {
public:
    void welcomed(instant now, const wire::welcome& frame);

    void offer(instant now, outbox& box, const sync& rooms, server_clock& clock, upstream& up);

    /// A refusal that may pass: back to the lane's oldest, unless it answers an offer from before the last
    /// such step.
    void refused_for_now(instant now, outbox& box, outbox_op& op, const wire::op_reply& reply);

    /// When something that waits may go.
    [[nodiscard]] std::optional<deadline_ms> deadline() const { return deadline_; }

    /// When the limit allows the next message; 0 now.
    [[nodiscard]] std::int64_t allowed_at_ms(instant now) const;

private:
    enum class step : std::uint8_t { next, stop };

    void offer_lanes(instant now, outbox& box, const sync& rooms, server_clock& clock, upstream& up);
    void offer_lane(instant now, outbox& box, outbox_lane& lane, bool resumed, server_clock& clock,
                    upstream& up);
    step judge_age(instant now, outbox& box, outbox_op& op, server_clock& clock);
    [[nodiscard]] bool allowed(instant now, const outbox_op& op);
    void wait_until(std::int64_t at_ms);

    rate_limiter limiter_;
    std::int64_t blocked_until_ms_ = 0;
    std::uint32_t offers_ = 0;
    std::optional<deadline_ms> deadline_;
    std::vector<outbox_op*> too_old_;
};

}  // namespace parley
