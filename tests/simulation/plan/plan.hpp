#pragma once

#include "tests/simulation/plan/deed.hpp"
#include "tests/simulation/plan/rates.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace parley::simulation {

struct cast {
    std::size_t people = 2;
    std::size_t devices = 1;  ///< of a person, up to
    std::size_t tabs = 1;     ///< of a device, up to
    std::size_t rooms = 0;    ///< made before the plot begins, beside the one of everybody
    std::size_t hubs = 1;
};

/// One step of the plot. Whom it befalls and how comes from its own dice, so that it does much the same when
/// other steps are left out.
struct step {
    std::uint32_t index = 0;
    std::int64_t at_ms = 0;  ///< since the plot began
    deed what = deed::say;
};

/// All that a seed decides before its world begins.
struct plan {
    std::uint64_t seed = 0;
    cast who;
    rates rate;
    std::vector<step> steps;
};

[[nodiscard]] plan draw_plan(std::uint64_t seed);

/// A plan with less in it, as shrinking makes it and a replay repeats it: only these steps, and without what
/// is calm. Calm are groups of rates or parts of the cast.
struct reduction {
    bool all_steps = true;
    std::vector<std::uint32_t> steps;
    std::vector<std::string> calm;
};

/// What may be named as calm.
[[nodiscard]] const std::vector<std::string>& calm_names();

[[nodiscard]] plan reduced(plan whole, const reduction& to);

/// "3,5-9": the steps that are kept, for a command line.
[[nodiscard]] std::string write_steps(const std::vector<std::uint32_t>& steps);

/// False if `text` is no such list.
[[nodiscard]] bool read_steps(const std::string& text, std::vector<std::uint32_t>& steps);

}  // namespace parley::simulation
