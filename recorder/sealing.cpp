#include "recorder/sealing.hpp"

#include "recorder/masking.hpp"
#include "recorder/replay.hpp"

namespace parley::recorder {

namespace {

void mask(flight& recorded, const masking& masks, bool play) {
    replay as_told, as_masked;
    bool equal = play && whole(recorded);
    for (auto& moment : recorded.moments) {
        equal = equal && moment.returned && same(moment.gave, as_told.play(moment));
        masks.fact(moment.fact);
        if (equal) {
            moment.gave = as_masked.play(moment);
        } else {
            masks.effects(moment.gave.effects);
            moment.gave.patch_digest.reset();
        }
    }
}

}  // namespace

void mask(recording& all, hash_key key, bool play) {
    const masking masks{key};
    for (auto& flight : all.flights)
        mask(flight, masks, play);
    all.masked = true;
}

}  // namespace parley::recorder
