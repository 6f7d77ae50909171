#pragma once

#include "shared/base/random.hpp"
#include "tests/simulation/schedule.hpp"

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace parley::simulation {

/// A law that does not hold. Carries what was seen.
struct violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// How often and how badly things go wrong in one world; drawn from its seed, so that some are calm and some
/// are storms.
struct rates {
    std::int64_t latency_ms = 5;       ///< up to, each way
    std::int64_t disk_ms = 10;         ///< up to, of a device's storage
    std::int64_t store_ms = 5;         ///< up to, of a query or a commit
    std::int64_t hub_lag_ms = 2;       ///< up to, until a hub reads on
    std::uint32_t fault_every_ms = 0;  ///< on average; 0 none
    std::uint32_t commit_fails_percent = 0;
    std::uint32_t row_refused_permille = 0;
    std::uint32_t query_fails_percent = 0;
    bool locks = true;
};

/// What every actor shares: the clock, one stream of chance, the rates and the transcript.
struct surroundings {
    explicit surroundings(std::uint64_t seed) : chance(seed) {}

    schedule clock;
    random_source chance;
    rates rate;
    std::uint64_t composed = 0;  ///< ops so far
    std::uint64_t intents = 0;   ///< of all pages so far
    bool healing = false;        ///< no more faults
    bool tell = false;           ///< print the transcript
    std::int64_t wall_start_ms = 1'800'000'000'000;

    [[nodiscard]] instant now() const { return {clock.now_ms(), wall_start_ms + clock.now_ms()}; }

    [[nodiscard]] std::int64_t upto(std::int64_t most_ms) {
        return static_cast<std::int64_t>(chance.below(static_cast<std::uint32_t>(most_ms) + 1));
    }

    [[nodiscard]] bool percent(std::uint32_t p) { return !healing && chance.below(100) < p; }

    void say(const std::string& who, const std::string& what) const {
        if (tell)
            std::fprintf(stderr, "%8lld %-10s %s\n", static_cast<long long>(clock.now_ms()), who.c_str(),
                         what.c_str());
    }
};

inline void require(bool holds, const std::string& law, const std::string& what) {
    if (!holds) throw violation(law + ": " + what);
}

}  // namespace parley::simulation
