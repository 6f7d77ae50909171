#include "tests/chaos/forecast.hpp"

#include "shared/base/hash.hpp"
#include "shared/base/random.hpp"

#include <algorithm>
#include <array>

namespace parley::chaos {
namespace {

constexpr std::int64_t delay_most_ms = 120, jitter_most_ms = 60, stall_most_ms = 2'500;
constexpr std::int64_t refusal_most_ms = 1'200, freeze_most_ms = 1'500;
constexpr std::size_t piece_most = 200;

/// Of the connections, in per cent. Drawn once for a seed.
struct climate {
    std::uint64_t ending = 0, stalled = 0, delayed = 0, pieced = 0;
    std::vector<fault> kinds;
};

template <std::size_t N>
std::uint64_t one_of(random_source& chance, const std::array<std::uint64_t, N>& rates) {
    return rates[chance.below(N)];
}

bool happens(random_source& chance, std::uint64_t percent) {
    return chance.below(100) < percent;
}

std::int64_t up_to(random_source& chance, std::int64_t most) {
    return 1 + static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(most)));
}

climate climate_of(random_source& chance) {
    climate drawn;
    drawn.ending = one_of(chance, std::array<std::uint64_t, 5>{5, 20, 50, 80, 95});
    drawn.stalled = one_of(chance, std::array<std::uint64_t, 4>{0, 5, 20, 50});
    drawn.delayed = one_of(chance, std::array<std::uint64_t, 3>{0, 20, 70});
    drawn.pieced = one_of(chance, std::array<std::uint64_t, 3>{0, 10, 60});
    for (std::size_t kind = 1; kind < fault_kinds; ++kind) {
        if (chance.one_in(2)) drawn.kinds.push_back(static_cast<fault>(kind));
    }
    if (drawn.kinds.empty()) drawn.kinds.push_back(fault::cut);
    return drawn;
}

/// In the upgrade, among the first frames, or somewhere later.
std::uint64_t place(random_source& chance) {
    constexpr std::array<std::uint64_t, 5> within{250, 600, 1'500, 5'000, 40'000};
    return chance.below(one_of(chance, within));
}

path_fate draw_path(const climate& of, random_source& chance) {
    path_fate fate;
    if (happens(chance, of.delayed)) {
        fate.delay_ms = up_to(chance, delay_most_ms);
        fate.jitter_ms = up_to(chance, jitter_most_ms);
    }
    if (happens(chance, of.pieced)) fate.piece = 1 + chance.below(piece_most);
    if (happens(chance, of.stalled)) fate.stalled = stall{place(chance), up_to(chance, stall_most_ms)};
    return fate;
}

connection_fate draw_fate(const climate& of, random_source chance) {
    connection_fate fate{draw_path(of, chance), draw_path(of, chance), fault::none};
    if (!happens(chance, of.ending)) return fate;
    fate.ending = of.kinds[chance.below(of.kinds.size())];
    auto& counted = chance.one_in(2) ? fate.up : fate.down;
    counted.ends_at = place(chance);
    return fate;
}

std::vector<gust> draw_gusts(random_source& chance, std::int64_t storm_ms) {
    std::vector<gust> gusts;
    for (auto count = chance.below(4); count > 0; --count) {
        gust next{static_cast<gust::what>(chance.below(gust_kinds)), up_to(chance, storm_ms), 0};
        if (next.kind == gust::what::refuse) next.for_ms = up_to(chance, refusal_most_ms);
        if (next.kind == gust::what::freeze) next.for_ms = up_to(chance, freeze_most_ms);
        gusts.push_back(next);
    }
    std::sort(gusts.begin(), gusts.end(), [](auto& a, auto& b) { return a.at_ms < b.at_ms; });
    return gusts;
}

}  // namespace

forecast forecast_of(std::uint64_t seed, std::int64_t storm_ms) {
    random_source chance{mix64(seed)};
    const auto drawn = climate_of(chance);
    auto gusts = draw_gusts(chance, storm_ms);
    const auto base = chance.next();
    const auto fate = [drawn, base](std::uint64_t connection) {
        return draw_fate(drawn, random_source{mix64(base + connection)});
    };
    return {fate, std::move(gusts)};
}

}  // namespace parley::chaos
