#pragma once

#include "recorder/recording.hpp"
#include "shared/base/hash.hpp"

namespace parley::recorder {

/// Replaces what people wrote in all flights.
///
/// The core keeps no text apart, so what it gave for the words is not what it gives for the filler. As far as
/// a flight can be played again and equals its recording, the masked facts are played too, and what the core
/// gives for them takes the place of what it gave. From the first difference on, and in flights that begin in
/// the middle, what was recorded is masked itself: so a difference stays one, and no digest of a text
/// remains.
///
/// A core that ends while it is played ends the program. Where that befell, `play` false masks everything as
/// it was recorded.
void mask(recording& all, hash_key key, bool play = true);

}  // namespace parley::recorder
