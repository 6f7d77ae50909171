#pragma once

#include "tests/simulation/run/options.hpp"

namespace parley::simulation {

/// Runs what was asked for, and tells how it went. Returns the exit code: 0 if every law held.
int hunt(const options& asked);

/// One world with its transcript, as small as it fails.
int replay(const options& asked);

}  // namespace parley::simulation
