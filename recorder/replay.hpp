#pragma once

#include "recorder/recording.hpp"
#include "wasm-client/hosted_core.hpp"

namespace parley::recorder {

/// Whether the moments begin where the core begins, so that they can be played again.
[[nodiscard]] bool whole(const flight& recorded);

/// A core that is told again what another was told. An assertion that fails ends the program, as it ended the
/// worker.
class replay {
public:
    /// What the core gives now for what it was told then.
    [[nodiscard]] given play(const moment& recorded);

    [[nodiscard]] client* core() { return core_.core(); }

private:
    hosted_core core_;
};

}  // namespace parley::recorder
