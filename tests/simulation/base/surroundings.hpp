#pragma once

#include "shared/base/time.hpp"
#include "tests/simulation/base/dice.hpp"
#include "tests/simulation/base/schedule.hpp"
#include "tests/simulation/plan/rates.hpp"

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace parley::simulation {

/// A law that does not hold: its name, and what was seen.
struct violation : std::runtime_error {
    violation(std::string broken, const std::string& what)
        : std::runtime_error(what), law(std::move(broken)) {}

    std::string law;
};

inline void require(bool holds, const char* law, const std::string& what) {
    if (!holds) throw violation(law, what);
}

/// What every actor shares: the clock, the seed, the rates and the transcript.
struct surroundings {
    surroundings(std::uint64_t chosen, const rates& drawn, bool aloud)
        : seed(chosen), rate(drawn), tell(aloud) {}

    schedule clock;
    std::uint64_t seed;
    rates rate;
    bool tell;                   ///< print the transcript
    bool healing = false;        ///< nothing goes wrong any more
    std::size_t on_the_way = 0;  ///< messages to the server, on whatever connection
    std::int64_t wall_start_ms = 1'800'000'000'000;

    [[nodiscard]] dice chance_of(stream whose, std::uint64_t number) const {
        return dice{seed, whose, number};
    }

    [[nodiscard]] bool fails(dice& chance, std::uint32_t percent) const {
        return !healing && chance.percent(percent);
    }

    void say(const std::string& who, const std::string& what) const {
        if (!tell) return;
        std::printf("%7lld.%03lld  %-9s %s\n", static_cast<long long>(clock.now_ms() / 1000),
                    static_cast<long long>(clock.now_ms() % 1000), who.c_str(), what.c_str());
    }
};

}  // namespace parley::simulation
