#include "tests/chaos/tally.hpp"

#include <string_view>

namespace parley::chaos {
namespace {

constexpr std::array<std::string_view, fault_kinds> of_connections{
    "untouched", "cut", "reset", "client forgotten", "server forgotten", "mute up", "mute down", "mute"};
constexpr std::array<std::string_view, gust_kinds> of_all{"refusing", "freezing", "resetting all"};

void add(std::string& to, std::size_t count, std::string_view what) {
    if (count > 0) to += ", " + std::to_string(count) + ' ' + std::string{what};
}

}  // namespace

tally& tally::operator+=(const tally& other) {
    connections += other.connections;
    stalls += other.stalls;
    for (std::size_t kind = 0; kind < fault_kinds; ++kind)
        endings[kind] += other.endings[kind];
    for (std::size_t kind = 0; kind < gust_kinds; ++kind)
        gusts[kind] += other.gusts[kind];
    return *this;
}

std::string describe(const tally& met) {
    auto text = std::to_string(met.connections) + " connections";
    add(text, met.stalls, "stalled");
    for (std::size_t kind = 1; kind < fault_kinds; ++kind)
        add(text, met.endings[kind], of_connections[kind]);
    for (std::size_t kind = 0; kind < gust_kinds; ++kind)
        add(text, met.gusts[kind], of_all[kind]);
    return text;
}

}  // namespace parley::chaos
