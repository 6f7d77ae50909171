#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <optional>

namespace parley::simulation {

namespace {

/// L12: no connection here loses a frame out of its middle, so what a session is told always adds up: no
/// digest differs twice, no gap, no frame that can't be read.
class tail final : public law {
public:
    tail(surroundings& around, chronicle& seen) : law("L12 the tail", around, seen) {}

    void reloading() override { reloaded_ms_ = around_.clock.now_ms(); }

    void logged(tab& where, const client_log& line) override {
        // Whoever follows a room is told nothing of it while its hub loads it again.
        const bool loading = reloaded_ms_ && around_.clock.now_ms() - *reloaded_ms_ < 60'000;
        if (loading && line.event == "digest_differs") return;
        const bool amiss =
            line.event == "digest_differs" || line.event == "resume_again" || line.event == "bad_frame";
        require_or(!amiss, [&] { return where.label() + " noticed: " + line.event + ", " + line.message; });
    }

private:
    std::optional<std::int64_t> reloaded_ms_;
};

}  // namespace

law_ptr make_tail(surroundings& around, chronicle& seen) {
    return std::make_unique<tail>(around, seen);
}

}  // namespace parley::simulation
