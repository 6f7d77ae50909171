#include "shared/policy/circuit_breaker.hpp"

namespace parley {

bool circuit_breaker::allows(std::int64_t now_ms) {
    if (state_ == state::open && now_ms >= retry_at_ms()) {
        state_ = state::half_open;
        trying_ = false;
    }
    if (state_ == state::half_open) {
        const bool first = !trying_;
        trying_ = true;
        return first;
    }
    return state_ == state::closed;
}

void circuit_breaker::succeeded() {
    state_ = state::closed;
    in_a_row_ = 0;
    trying_ = false;
}

void circuit_breaker::failed(std::int64_t now_ms) {
    trying_ = false;
    if (state_ == state::half_open || ++in_a_row_ >= failures_) {
        state_ = state::open;
        opened_ms_ = now_ms;
        in_a_row_ = 0;
    }
}

}  // namespace parley
