#include "tests/simulation/run/report.hpp"

#include "tests/simulation/run/apart.hpp"
#include "tests/simulation/run/pairs.hpp"
#include "tests/simulation/run/shrink.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <unistd.h>

namespace parley::simulation {

namespace {

constexpr double shrink_s = 30;
constexpr std::uint64_t usual_fresh = 1'000;

std::uint64_t fresh_seed() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) *
           1000;
}

std::string from_environment(const char* name, const char* otherwise) {
    const char* const value = std::getenv(name);
    return value && *value ? value : otherwise;
}

std::string command_of(std::uint64_t seed, const reduction& to) {
    std::string command = "scripts/simulate" + from_environment("PARLEY_SIMULATE_ARGUMENTS", "") +
                          " --replay " + std::to_string(seed);
    if (!to.all_steps) command += " --steps " + write_steps(to.steps);
    for (std::size_t i = 0; i < to.calm.size(); ++i)
        command += (i == 0 ? " --calm " : ",") + to.calm[i];
    return command;
}

std::pair<std::string, std::string> breaks_apart(const plan& what) {
    auto done = run_apart(what);
    return {std::move(done.law), std::move(done.what)};
}

void tell_failure(const failure& seen, bool brief) {
    std::printf("seed %llu breaks %s: %s\n", static_cast<unsigned long long>(seen.seed), seen.law.c_str(),
                seen.what.c_str());
    if (brief) return static_cast<void>(std::fflush(stdout));
    const auto small = shrink(draw_plan(seen.seed), seen.law, breaks_apart, shrink_s);
    if (!small.what.empty())
        std::printf("  with %zu of %zu steps, after %zu runs: %s\n", small.to.steps.size(),
                    draw_plan(seen.seed).steps.size(), small.runs, small.what.c_str());
    std::printf("  commit %s: %s\n", from_environment("PARLEY_COMMIT", "unknown").c_str(),
                command_of(seen.seed, small.what.empty() ? reduction{} : small.to).c_str());
    std::fflush(stdout);
}

class progress_line {
public:
    void operator()(const tally& sum) {
        if (!shown_ || sum.seconds - last_ < 0.5) return;
        last_ = sum.seconds;
        std::fprintf(stderr, "\r\033[K%llu seeds, %.1f a second, %llu failed",
                     static_cast<unsigned long long>(sum.seeds), sum.seeds_a_second(),
                     static_cast<unsigned long long>(sum.failures));
    }

    void clear() const {
        if (shown_) std::fputs("\r\033[K", stderr);
    }

private:
    bool shown_ = ::isatty(STDERR_FILENO) != 0;
    double last_ = 0;
};

std::vector<std::uint64_t> kept_seeds(const std::string& path) {
    std::vector<std::uint64_t> seeds;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
        if (!line.empty() && line[0] != '#') seeds.push_back(std::strtoull(line.c_str(), nullptr, 10));
    return seeds;
}

/// What was met and how often; then what never was, and why that can't be.
void tell_coverage(const met_pairs& met) {
    for (const auto& [name, count] : met)
        std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
    const auto never = unmet(met);
    std::size_t unexplained = 0;
    for (const auto& one : never) {
        unexplained += one.why.empty();
        std::printf("     never  %s%s%s\n", one.name.c_str(), one.why.empty() ? "" : ": ",
                    std::string(one.why).c_str());
    }
    std::printf("%zu pairs met, %zu never, %zu of these without a reason\n", met.size(), never.size(),
                unexplained);
}

void add(tally& sum, const tally& part) {
    sum.seeds += part.seeds;
    sum.failures += part.failures;
    sum.steps += part.steps;
    sum.stored += part.stored;
    sum.longest_settling_ms = std::max(sum.longest_settling_ms, part.longest_settling_ms);
    sum.seconds += part.seconds;
}

}  // namespace

int hunt(const options& asked) {
    progress_line line;
    met_pairs reached;
    campaign what;
    what.jobs = asked.jobs;
    what.coverage = asked.coverage;
    what.most_failures = asked.most_failures;
    what.progress = [&](const tally& sum) { line(sum); };
    what.failed = [&](const failure& seen) {
        line.clear();
        tell_failure(seen, asked.brief);
    };
    what.counted = [&](const counts& some) {
        for (const auto& [name, count] : some)
            reached[name] += count;
    };
    tally sum;
    if (!asked.kept.empty()) {
        what.seeds = kept_seeds(asked.kept);
        if (!what.seeds.empty()) add(sum, run(what));
        what.seeds.clear();
    }
    const bool only_kept = !asked.kept.empty() && !asked.seeds && !asked.fresh && !asked.minutes;
    if (!only_kept) {
        what.first = asked.seeds ? asked.seeds->first : fresh_seed();
        what.last = asked.seeds ? asked.seeds->last : what.first + asked.fresh.value_or(usual_fresh) - 1;
        if (asked.minutes) {
            what.last = ~std::uint64_t{0} - 1;
            what.most_seconds = *asked.minutes * 60;
        }
        add(sum, run(what));
    }
    line.clear();
    if (asked.coverage) tell_coverage(reached);
    std::printf(
        "%llu worlds in %.0f s, %.1f a second: %llu steps, %llu events stored, settled within %.1f s\n",
        static_cast<unsigned long long>(sum.seeds), sum.seconds, sum.seeds_a_second(),
        static_cast<unsigned long long>(sum.steps), static_cast<unsigned long long>(sum.stored),
        static_cast<double>(sum.longest_settling_ms) / 1000);
    std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(sum.seeds - sum.failures),
                static_cast<unsigned long long>(sum.failures));
    return sum.failures == 0 ? 0 : 1;
}

int replay(const options& asked) {
    const auto whole = reduced(draw_plan(*asked.replay), asked.to);
    auto to = asked.to;
    const auto first = breaks_apart(whole);
    if (!first.first.empty() && !asked.whole && to.all_steps) {
        const auto small = shrink(whole, first.first, breaks_apart, shrink_s);
        if (!small.what.empty()) {
            to.all_steps = false;
            to.steps = small.to.steps;
            to.calm.insert(to.calm.end(), small.to.calm.begin(), small.to.calm.end());
        }
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
    const auto done = world{reduced(draw_plan(*asked.replay), to), true}.run();
    if (done.law.empty()) {
        std::printf("seed %llu keeps every law\n", static_cast<unsigned long long>(*asked.replay));
        return 0;
    }
    std::printf("seed %llu breaks %s: %s\n  %s\n", static_cast<unsigned long long>(*asked.replay),
                done.law.c_str(), done.what.c_str(), command_of(*asked.replay, to).c_str());
    return 1;
}

}  // namespace parley::simulation
