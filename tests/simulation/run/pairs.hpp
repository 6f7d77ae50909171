#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parley::simulation {

/// A machine as it is seen from outside: in which states it can be, and what can befall it in each.
struct machine {
    std::string_view name;
    std::vector<std::string_view> states;
    std::vector<std::string_view> facts;
};

[[nodiscard]] const std::vector<machine>& machines();

/// How often each pair was met, by the name that `pair_name` gives it.
using met_pairs = std::map<std::string, std::uint64_t>;

[[nodiscard]] std::string pair_name(std::string_view machine, std::string_view state, std::string_view fact);

struct unmet_pair {
    std::string name;
    std::string_view why;  ///< it can't be met; empty: nobody knows
};

/// What was never met, in the order of the machines.
[[nodiscard]] std::vector<unmet_pair> unmet(const met_pairs& met);

}  // namespace parley::simulation
