#include "shared/policy/rate_limiter.hpp"

namespace parley {

rate_limiter::rate_limiter(std::uint32_t burst, std::uint32_t window_ms, std::uint32_t tokens,
                           std::int64_t now_ms)
    : burst_(burst),
      window_ms_(window_ms),
      parts_(static_cast<std::int64_t>(tokens < burst ? tokens : burst) * window_ms),
      at_ms_(now_ms) {}

std::int64_t rate_limiter::parts(std::int64_t now_ms) const {
    const std::int64_t full = std::int64_t{burst_} * window_ms_;
    const std::int64_t passed = now_ms - at_ms_;
    if (passed <= 0) return parts_;
    if (passed >= window_ms_) return full;
    const std::int64_t filled = parts_ + passed * burst_;
    return filled < full ? filled : full;
}

std::int64_t rate_limiter::wait(std::int64_t now_ms) const {
    if (!limited()) return 0;
    const std::int64_t missing = window_ms_ - parts(now_ms);
    return missing <= 0 ? 0 : (missing + burst_ - 1) / burst_;
}

std::int64_t rate_limiter::take(std::int64_t now_ms) {
    const std::int64_t after = wait(now_ms);
    if (after > 0 || !limited()) return after;
    parts_ = parts(now_ms) - window_ms_;
    if (now_ms > at_ms_) at_ms_ = now_ms;
    return 0;
}

std::uint32_t rate_limiter::tokens(std::int64_t now_ms) const {
    return limited() ? static_cast<std::uint32_t>(parts(now_ms) / window_ms_) : 0;
}

}  // namespace parley
