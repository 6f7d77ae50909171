#include "shared/client/server_clock.hpp"

#include "shared/base/limits.hpp"

namespace parley {

namespace {

constexpr std::int64_t worth_keeping_ms = 1'000;

ulid successor(const ulid& id) {
    return id.lo == ~std::uint64_t{0} ? ulid{id.hi + 1, 0} : ulid{id.hi, id.lo + 1};
}

}  // namespace

bool server_clock::told(instant now, std::int64_t server_ms) {
    const bool first = !known_;
    offset_ms_ = server_ms - now.wall_ms;
    known_ = true;
    const auto moved = offset_ms_ - kept_ms_;
    if (!first && moved < worth_keeping_ms && moved > -worth_keeping_ms) return false;
    kept_ms_ = offset_ms_;
    return true;
}

ulid server_clock::next_id(instant now) {
    auto id = random_.make_id(now_ms(now));
    const bool ahead = last_.time_ms() > now_ms(now) + limits::op_id_ahead_ms / 2;
    if (!(last_ < id) && !ahead) id = successor(last_);
    last_ = id;
    return id;
}

void server_clock::saw(const ulid& id, instant now) {
    if (last_ < id && id.time_ms() <= now_ms(now) + limits::op_id_ahead_ms / 2) last_ = id;
}

}  // namespace parley
