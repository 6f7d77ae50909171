#include "tests/simulation/run/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <thread>

namespace parley::simulation {

namespace {

std::optional<std::uint64_t> read_seed(std::string_view text) {
    std::uint64_t seed = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (wrong != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
    return seed;
}

/// Says what is allowed, and nothing if `fits`.
template <class Fits>
CLI::Validator allowed(const char* what, Fits fits) {
    return CLI::Validator{[what, fits](std::string& text) {
                              return fits(text) ? std::string()
                                                : "is " + ('"' + text) + "\", but must be " + what;
                          },
                          ""};
}

std::vector<std::string> split_names(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream in(text);
    for (std::string name; std::getline(in, name, ',');)
        names.push_back(name);
    return names;
}

bool all_calm_names(const std::string& text) {
    const auto names = split_names(text);
    const auto& known = calm_names();
    return !names.empty() && std::all_of(names.begin(), names.end(), [&](const auto& name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    });
}

const char* calm_list() {
    static const auto list = [] {
        std::string all = "a list, with commas, of";
        for (const auto& name : calm_names())
            all += " " + name;
        return all;
    }();
    return list.c_str();
}

template <class Number>
auto number_in(Number least, Number most) {
    return [least, most](const std::string& text) {
        Number value{};
        std::istringstream in(text);
        in >> value;
        return in && in.peek() == std::istringstream::traits_type::eof() && value >= least && value <= most;
    };
}

}  // namespace

std::optional<seed_range> read_range(const std::string& text) {
    const auto dots = text.find("..");
    if (dots == text.npos) return {};
    const auto first = read_seed(std::string_view(text).substr(0, dots));
    const auto last = read_seed(std::string_view(text).substr(dots + 2));
    if (!first || !last || *last < *first) return {};
    return seed_range{*first, *last};
}

std::optional<int> read_options(int argc, char** argv, options& into) {
    CLI::App app{"Runs worlds of clients, hubs, store and network under faults, and checks the laws.",
                 "scripts/simulate"};
    std::string seeds, steps, calm;
    std::uint64_t fresh = 0, seed = 0;
    double minutes = 0;
    into.jobs = std::max(1u, std::thread::hardware_concurrency());

    auto* const range =
        app.add_option("--seeds", seeds, "These seeds, as A..B")
            ->check(allowed("two seeds as in 1..2000, the second not below the first",
                            [](const std::string& text) { return read_range(text).has_value(); }));
    auto* const many =
        app.add_option("--fresh", fresh, "So many seeds that nobody has tried")
            ->check(allowed("a number from 1 to 100000000", number_in<std::uint64_t>(1, 100'000'000)));
    auto* const time =
        app.add_option("--minutes", minutes, "Fresh seeds for so long")
            ->check(allowed("a number above 0, up to 10000", number_in<double>(0.001, 10'000)));
    app.add_option("--kept", into.kept, "Seeds of this file too")
        ->check(allowed("a file that can be read",
                        [](const std::string& path) { return CLI::ExistingFile(path).empty(); }));
    app.add_option("--jobs", into.jobs, "Worlds at once; all cores if not given")
        ->check(allowed("a number from 1 to 256", number_in<std::size_t>(1, 256)));
    app.add_flag("--coverage", into.coverage, "Tell which states, facts and faults were never met");
    app.add_flag("--brief", into.brief, "Only name what fails: no shrinking");
    app.add_option("--failures", into.most_failures, "Stop after so many")
        ->check(allowed("a number from 1 to 100000", number_in<std::uint64_t>(1, 100'000)));
    auto* const again =
        app.add_option("--replay", seed, "One seed, with a transcript; a failing one is shrunk first")
            ->check(allowed("a seed: a number from 0 to 18446744073709551615",
                            [](const std::string& text) { return read_seed(text).has_value(); }));
    auto* const only =
        app.add_option("--steps", steps, "Only these steps of the replayed world")
            ->needs(again)
            ->check(allowed("a list of steps as in 3,7-9, or none", [](const std::string& text) {
                std::vector<std::uint32_t> read;
                return read_steps(text, read);
            }));
    app.add_option("--calm", calm, "The replayed world without these")
        ->needs(again)
        ->check(allowed(calm_list(), all_calm_names));
    app.add_flag("--whole", into.whole, "Replay without shrinking")->needs(again);
    range->excludes(many)->excludes(time)->excludes(again);
    many->excludes(time)->excludes(again);
    time->excludes(again);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 2;
    }
    if (!seeds.empty()) into.seeds = read_range(seeds);
    if (many->count() > 0) into.fresh = fresh;
    if (time->count() > 0) into.minutes = minutes;
    if (again->count() > 0) into.replay = seed;
    if (only->count() > 0) into.to.all_steps = !read_steps(steps, into.to.steps);
    into.to.calm = split_names(calm);
    return {};
}

}  // namespace parley::simulation
