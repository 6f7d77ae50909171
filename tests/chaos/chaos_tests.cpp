#include "tests/chaos/storm.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// `scripts/chaos` runs these for longer.
namespace parley::chaos {
namespace {

using next_seed = std::function<std::optional<std::uint64_t>()>;

constexpr std::int64_t usual_s = 35, usual_jobs = 4;

std::int64_t clock_ms() {
    return testing::native_client::now().mono_ms;
}

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
    const char* value = std::getenv(name);
    return value ? std::stoll(value) : otherwise;
}

/// What many seeds came to.
struct totals {
    std::size_t seeds = 0, broken = 0;
    testing::talk_sum sum;
    tally met;
    std::int64_t slowest_ms = 0;

    void add(const storm_report& report) {
        ++seeds;
        if (!report.violation.empty()) ++broken;
        sum.said += report.sum.said;
        sum.lost += report.sum.lost;
        sum.twice += report.sum.twice;
        sum.turned += report.sum.turned;
        met += report.met;
        slowest_ms = std::max(slowest_ms, report.whole_after_ms);
    }

    void tell() const {
        std::cout << seeds << " seeds, " << broken << " broken: " << sum.said << " messages said, "
                  << sum.lost << " lost, " << sum.twice << " twice, " << sum.turned << " out of order; "
                  << describe(met) << "; whole after " << slowest_ms << " ms at most" << std::endl;
    }
};

void tell(std::uint64_t seed, const storm_report& report) {
    std::cout << describe(seed, report) << std::endl;
    if (!report.violation.empty())
        std::cout << "  replay: scripts/chaos --seeds " << seed << ".." << seed << std::endl;
}

/// Several storms at a time: each mostly waits. Says how each ended and what they come to.
totals live_through_all(const next_seed& next) {
    totals all;
    std::mutex one_at_a_time;
    const auto work = [&] {
        for (;;) {
            std::unique_lock lock{one_at_a_time};
            const auto seed = next();
            if (!seed) return;
            lock.unlock();
            const auto report = live_through(*seed);
            lock.lock();
            tell(*seed, report);
            all.add(report);
        }
    };
    {
        std::vector<std::jthread> workers;
        for (auto jobs = from_environment("PARLEY_CHAOS_JOBS", usual_jobs); jobs > 0; --jobs)
            workers.emplace_back(work);
    }
    all.tell();
    return all;
}

next_seed listed(std::vector<std::uint64_t> seeds) {
    return [seeds = std::move(seeds), at = std::size_t{0}]() mutable -> std::optional<std::uint64_t> {
        if (at == seeds.size()) return {};
        return seeds[at++];
    };
}

next_seed counted_up(std::uint64_t first, const std::function<bool(std::uint64_t)>& wanted) {
    return [next = first, wanted]() mutable -> std::optional<std::uint64_t> {
        if (!wanted(next)) return {};
        return next++;
    };
}

/// PARLEY_CHAOS_SEEDS=A..B names them; otherwise fresh ones for PARLEY_CHAOS_SECONDS.
next_seed wanted_seeds() {
    if (const char* named = std::getenv("PARLEY_CHAOS_SEEDS")) {
        const std::string text = named;
        const auto last = std::stoull(text.substr(text.find("..") + 2));
        return counted_up(std::stoull(text), [last](auto seed) { return seed <= last; });
    }
    const auto first = std::chrono::system_clock::now().time_since_epoch().count() / 1'000;
    const auto until = clock_ms() + 1'000 * from_environment("PARLEY_CHAOS_SECONDS", usual_s);
    return counted_up(static_cast<std::uint64_t>(first), [until](auto) { return clock_ms() < until; });
}

std::vector<std::uint64_t> kept_seeds() {
    std::vector<std::uint64_t> seeds;
    std::ifstream file(PARLEY_SOURCE_DIR "/tests/chaos/seeds.txt");
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') seeds.push_back(std::stoull(line));
    }
    return seeds;
}

}  // namespace

TEST_CASE("in a storm of any fresh seed nothing is lost, comes twice or is turned around") {
    CHECK(live_through_all(wanted_seeds()).broken == 0);
}

TEST_CASE("in a storm that is kept nothing is lost, comes twice or is turned around") {
    const auto seeds = kept_seeds();
    const auto all = live_through_all(listed(seeds));
    CHECK(all.seeds == seeds.size());
    CHECK(all.broken == 0);
}

}  // namespace parley::chaos
