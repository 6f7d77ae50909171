#include "server/hub/state.hpp"
#include "shared/wire/digest.hpp"

#include <algorithm>

/// W is told with the room's next event or within 100 ms, and to whom a verdict is owed at the end of the
/// turn.
namespace parley {
namespace {

constexpr std::size_t voids_a_frame = 500;

}  // namespace

void hub::state::rise(room& where) {
    if (!std::exchange(where.risen, true)) risen.push_back(&where);
}

void hub::state::tell_watermarks() {
    // A message that is open anyway carries it for nothing.
    for (auto* where : speech.speaking()) {
        if (where->message && where->told_w < where->fold.w()) tell_watermark(*where);
    }
    for (auto* where : std::exchange(risen, {})) {
        where->risen = false;
        if (where->told_w >= where->fold.w()) {
            where->owed_live.clear();
        } else if (where->live.empty() || where->owed_live.size() >= where->live.size()) {
            tell_watermark(*where);
        } else {
            tell_owed(*where);
        }
    }
}

void hub::state::tell_watermark(room& where) {
    for (const auto& frame : watermarks_of(where, epoch))
        speech.say(where, frame);
    where.told_w = where.fold.w();
    where.untold_voids.clear();
    where.owed_live.clear();
}

void hub::state::tell_owed(room& where) {
    const auto frames = watermarks_of(where, epoch);
    for (const auto handle : std::exchange(where.owed_live, {})) {
        auto* to = sessions.find(handle);
        auto* one = to ? where.subscriber_of(*to) : nullptr;
        if (!one || one->told_w >= where.fold.w()) continue;
        for (const auto& frame : frames)
            speech.tell(where, *to, frame);
        one->told_w = where.fold.w();
    }
    tell_watermark_soon(where);
}

void hub::state::tell_watermark_soon(room& where) {
    if (!std::exchange(where.watermark_due, true)) watermarks.put(now.mono_ms, where.id);
}

/// One, unless there are more voids than fit a frame.
std::vector<wire::watermark> hub::state::watermarks_of(const room& where, std::uint64_t epoch) {
    const auto& voids = where.untold_voids;
    std::vector<wire::watermark> frames;
    for (std::size_t i = 0; voids.size() - i > voids_a_frame; i += voids_a_frame) {
        const auto first = voids.begin() + static_cast<std::ptrdiff_t>(i);
        const auto last = first + static_cast<std::ptrdiff_t>(voids_a_frame);
        frames.push_back({where.id, epoch, (last - 1)->seq, {first, last}});
    }
    const auto rest = frames.size() * voids_a_frame;
    frames.push_back(
        {where.id, epoch, where.fold.w(), {voids.begin() + static_cast<std::ptrdiff_t>(rest), voids.end()}});
    return frames;
}

std::uint64_t hub::state::digest_for(const session& who) const {
    std::uint64_t digest = 0;
    for (auto* where : who.live) {
        const auto told = std::max(where->told_w, where->subscriber_of(who)->told_w);
        digest ^= room_digest(where->id, where->fold.head(), told);
    }
    return digest;
}

}  // namespace parley
