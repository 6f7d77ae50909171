#include "tests/chaos/storm.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>

/// `scripts/chaos` runs these for longer.
namespace parley::chaos {
namespace {

constexpr std::int64_t usual_s = 35;

std::int64_t clock_ms() {
    return testing::native_client::now().mono_ms;
}

/// Over all seeds of a run.
struct totals {
    std::size_t seeds = 0, broken = 0;
    testing::talk_sum sum;
    tally met;
    std::int64_t slowest_ms = 0;

    /// Whether it kept the laws; if not, how to see it again.
    bool add(std::uint64_t seed) {
        const auto report = live_through(seed);
        std::cout << describe(seed, report) << std::endl;
        ++seeds;
        sum.said += report.sum.said;
        sum.lost += report.sum.lost;
        sum.twice += report.sum.twice;
        sum.turned += report.sum.turned;
        met += report.met;
        slowest_ms = std::max(slowest_ms, report.whole_after_ms);
        if (report.violation.empty()) return true;
        ++broken;
        std::cout << "  replay: scripts/chaos --seeds " << seed << ".." << seed << std::endl;
        return false;
    }

    void tell() const {
        std::cout << seeds << " seeds, " << broken << " broken: " << sum.said << " messages said, "
                  << sum.lost << " lost, " << sum.twice << " twice, " << sum.turned << " out of order; "
                  << describe(met) << "; whole after " << slowest_ms << " ms at most" << std::endl;
    }
};

std::uint64_t number_in(const std::string& text) {
    return std::stoull(text);
}

std::uint64_t fresh_seed() {
    return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1'000;
}

/// PARLEY_CHAOS_SEEDS=A..B names them; PARLEY_CHAOS_SECONDS says how long fresh ones are tried.
void try_seeds(totals& all) {
    if (const char* named = std::getenv("PARLEY_CHAOS_SEEDS")) {
        const std::string text = named;
        const auto last = number_in(text.substr(text.find("..") + 2));
        for (auto seed = number_in(text); seed <= last; ++seed)
            all.add(seed);
        return;
    }
    const char* seconds = std::getenv("PARLEY_CHAOS_SECONDS");
    const auto until = clock_ms() + 1'000 * (seconds ? std::stoll(seconds) : usual_s);
    for (auto seed = fresh_seed(); clock_ms() < until; ++seed)
        all.add(seed);
}

}  // namespace

TEST_CASE("in a storm of any fresh seed nothing is lost, comes twice or is turned around") {
    totals all;
    try_seeds(all);
    all.tell();
    CHECK(all.broken == 0);
}

TEST_CASE("in a storm that is kept nothing is lost, comes twice or is turned around") {
    totals all;
    std::ifstream seeds(PARLEY_SOURCE_DIR "/tests/chaos/seeds.txt");
    for (std::string line; std::getline(seeds, line);) {
        if (!line.empty() && line[0] != '#') all.add(number_in(line));
    }
    all.tell();
    CHECK(all.seeds > 0);
    CHECK(all.broken == 0);
}

}  // namespace parley::chaos
