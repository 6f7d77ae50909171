#include "shared/client/server_clock.hpp"

#include "shared/base/limits.hpp"

namespace parley {

namespace {

constexpr std::int64_t worth_keeping_ms = 1'000;

/// Above `id` by chance, not by one: a tab that died may have made the very next ids and told nobody but the
/// server.
ulid successor(const ulid& id, random_source& random) {
    const auto lo = id.lo + 1 + (random.next() >> 20);
    return {lo <= id.lo ? id.hi + 1 : id.hi, lo};
}

}  // namespace

bool server_clock::told(instant now, std::int64_t server_ms) {
    const bool first = !known_;
    told_ = {server_ms, now.mono_ms};
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
    if (!(last_ < id) && !ahead) id = successor(last_, random_);
    last_ = id;
    return id;
}

void server_clock::saw(const ulid& id, instant now) {
    if (last_ < id && id.time_ms() <= now_ms(now) + limits::op_id_ahead_ms / 2) last_ = id;
}

}  // namespace parley
