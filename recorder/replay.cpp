#include "recorder/replay.hpp"

#include "shared/client/local_generated.h"

#include <algorithm>

namespace parley::recorder {

bool whole(const flight& recorded) {
    if (recorded.forgotten != 0 || recorded.moments.empty()) return false;
    const auto& first = recorded.moments.front();
    flatbuffers::Verifier verifier(first.fact.data(), first.fact.size());
    return first.kind == moment::what::step && local::Verifyfact_inBuffer(verifier) &&
           local::Getfact_in(first.fact.data())->fact_type() == local::fact::started;
}

given replay::play(const moment& recorded) {
    given out;
    if (recorded.kind == moment::what::view) {
        out.patch_size = core_.view(recorded.mono_ms, recorded.wall_ms);
        out.patch_digest = digest_of(byte_view(core_.patch()).first(out.patch_size));
        return out;
    }
    const auto size = static_cast<std::uint32_t>(recorded.fact.size());
    std::copy(recorded.fact.begin(), recorded.fact.end(), core_.inbox(size));
    const auto length = core_.step(recorded.mono_ms, recorded.wall_ms, size);
    const auto effects = byte_view(core_.outbox()).first(length);
    out.effects.assign(effects.begin(), effects.end());
    return out;
}

}  // namespace parley::recorder
