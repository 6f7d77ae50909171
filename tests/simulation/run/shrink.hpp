#pragma once

#include "tests/simulation/plan/plan.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace parley::simulation {

/// Leaves out of a world whatever its failure does without: steps, groups of rates, parts of the cast, as
/// long as the same law is broken.
struct shrinking {
    reduction to;
    std::string what;  ///< is seen in the smallest
    std::size_t runs = 0;
};

/// `breaks` runs a plan and tells which law it breaks, and what was seen.
using breaking = std::function<std::pair<std::string, std::string>(const plan&)>;

[[nodiscard]] shrinking shrink(const plan& whole, const std::string& law, const breaking& breaks,
                               double most_seconds);

}  // namespace parley::simulation
