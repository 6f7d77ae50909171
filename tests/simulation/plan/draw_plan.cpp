#include "tests/simulation/base/dice.hpp"
#include "tests/simulation/plan/plan.hpp"

#include <algorithm>
#include <array>

namespace parley::simulation {

namespace {

using weights = std::array<std::uint32_t, deeds>;

/// How many people, and so how much of everything else.
enum class size_of_world : std::uint8_t { pair, group, crowd, city };

size_of_world draw_size(dice& chance) {
    const auto n = chance.below(1000);
    if (n < 620) return size_of_world::pair;
    if (n < 950) return size_of_world::group;
    return n < 997 ? size_of_world::crowd : size_of_world::city;
}

cast draw_cast(dice& chance, size_of_world size) {
    cast who;
    who.hubs = 1 + chance.below(3);
    switch (size) {
    case size_of_world::pair:
        who.people = 2;
        who.devices = 1 + chance.below(2);
        who.tabs = 1 + chance.below(3);
        who.rooms = chance.below(2);
        break;
    case size_of_world::group:
        who.people = 2 + chance.below(5);
        who.devices = 1 + chance.below(2);
        who.tabs = 1 + chance.below(2);
        who.rooms = chance.below(7);
        break;
    case size_of_world::crowd:
        who.people = 8 + chance.below(25);
        who.rooms = chance.below(20);
        break;
    case size_of_world::city:
        who.people = 100 + chance.below(101);
        who.rooms = 10 + chance.below(41);
        break;
    }
    return who;
}

rates draw_rates(dice& chance) {
    const auto percent = [&](std::initializer_list<std::int64_t> choices) {
        return static_cast<std::uint32_t>(chance.pick(choices));
    };
    const auto size = [&](std::initializer_list<std::int64_t> choices) {
        return static_cast<std::size_t>(chance.pick(choices));
    };
    rates rate;
    rate.network.latency_ms = chance.pick({1, 20, 150, 800, 3000});
    rate.network.steady = chance.one_in(4);
    rate.network.kernel_bytes = size({2048, 16 * 1024, 256 * 1024});
    rate.network.refused_percent = percent({0, 0, 0, 20, 60});
    rate.disk.delay_ms = chance.pick({0, 10, 100, 2000});
    rate.disk.fails_permille = percent({0, 0, 0, 50, 300});
    rate.store.delay_ms = chance.pick({1, 10, 100, 700});
    rate.store.commit_fails_percent = percent({0, 0, 10, 50});
    rate.store.row_refused_permille = percent({0, 0, 0, 30});
    rate.store.query_fails_percent = percent({0, 0, 0, 10});
    rate.hubs.lag_ms = chance.pick({0, 2, 30, 400});
    rate.hubs.hurry_percent = percent({0, 0, 30, 90});
    rate.clocks.wrong_ms = chance.pick({0, 0, 5'000, 600'000, 86'400'000 * 3LL});
    rate.clocks.drift_permille = chance.pick({0, 0, 1, 50});
    rate.limits.burst = percent({10, 10, 3, 50});
    rate.limits.window_ms = percent({0, 0, 10'000, 3'000});
    rate.limits.sessions_per_user = size({20, 20, 20, 3});
    rate.speech.longest_bytes = size({20, 20, 200, 3000, 9000});
    rate.speech.burst = percent({2, 2, 10, 40});
    rate.locks = !chance.one_in(5);
    return rate;
}

void give(weights& to, std::initializer_list<deed> what, std::uint32_t weight) {
    for (const auto one : what)
        to[static_cast<std::size_t>(one)] = weight;
}

/// Everybody talks; what else they do differs from world to world.
weights draw_customs(dice& chance) {
    weights custom{};
    give(custom, {deed::say, deed::burst}, 12);
    for (std::size_t i = static_cast<std::size_t>(deed::join); i < static_cast<std::size_t>(first_fault); ++i)
        custom[i] = static_cast<std::uint32_t>(chance.pick({0, 1, 3, 6}));
    give(custom, {deed::open_tab, deed::open_device, deed::close_tab, deed::reload_tab},
         static_cast<std::uint32_t>(chance.pick({0, 0, 1, 3})));
    return custom;
}

/// A few kinds of faults in each world: where all are at work at once, one hides another.
weights draw_plagues(dice& chance) {
    weights plague{};
    const auto kinds = chance.pick({1, 2, 4, 8, 30});
    for (std::int64_t i = 0; i < kinds; ++i) {
        const auto first = static_cast<std::size_t>(first_fault);
        plague[first + chance.below(deeds - first)] = static_cast<std::uint32_t>(chance.pick({1, 1, 3, 9}));
    }
    // These are frequent in every world with faults; the others need somebody to be connected.
    give(plague, {deed::cut}, std::max(plague[static_cast<std::size_t>(deed::cut)], 1u));
    return plague;
}

deed draw_deed(dice& chance, const weights& all) {
    std::uint32_t sum = 0;
    for (const auto weight : all)
        sum += weight;
    auto at = chance.below(sum);
    for (std::size_t i = 0; i < deeds; ++i) {
        if (at < all[i]) return static_cast<deed>(i);
        at -= all[i];
    }
    return deed::say;
}

}  // namespace

plan draw_plan(std::uint64_t seed) {
    dice chance{seed, stream::plan, 0};
    plan drawn;
    drawn.seed = seed;
    const auto size = draw_size(chance);
    drawn.who = draw_cast(chance, size);
    drawn.rate = draw_rates(chance);
    drawn.rate.hubs.order_ms =
        dice{seed, stream::order, 0}.pick({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3});
    const auto customs = draw_customs(chance);
    const auto plagues = draw_plagues(chance);
    const auto fault_every_ms = chance.pick({0, 400, 1500, 6000});
    const auto gap_ms = chance.pick({20, 200, 200, 2000});
    const auto acts = 10 + chance.below(size == size_of_world::city ? 120 : 90);

    std::int64_t at_ms = 0;
    auto next_fault_ms = chance.upto(2 * fault_every_ms);
    for (std::uint32_t i = 0; i < acts; ++i) {
        at_ms += chance.upto(chance.one_in(10) ? 25 * gap_ms : gap_ms);
        for (; fault_every_ms > 0 && next_fault_ms <= at_ms;
             next_fault_ms += 1 + chance.upto(2 * fault_every_ms))
            drawn.steps.push_back({0, next_fault_ms, draw_deed(chance, plagues)});
        drawn.steps.push_back({0, at_ms, draw_deed(chance, customs)});
    }
    for (std::uint32_t i = 0; i < drawn.steps.size(); ++i)
        drawn.steps[i].index = i;
    return drawn;
}

}  // namespace parley::simulation
