#include "recorder/recording.hpp"
#include "recorder/replay.hpp"
#include "recorder/sealing.hpp"
#include "shared/base/assert.hpp"
#include "tests/fuzz/targets.hpp"

#include <cstddef>
#include <vector>

namespace parley::fuzz {
namespace {

constexpr std::size_t most_moments = 300;

void check_reads_back(const recorder::recording& all) {
    const auto file = recorder::write_file(all);
    const auto again = recorder::read_file(file);
    PARLEY_ASSERT(again.has_value());
    PARLEY_ASSERT(recorder::write_file(*again) == file);
}

/// How many moments equal their recording before the first that does not.
std::size_t equal_moments(const recorder::flight& recorded) {
    if (!recorder::whole(recorded)) return 0;
    recorder::replay again;
    std::size_t count = 0;
    for (const auto& moment : recorded.moments) {
        if (!moment.returned || !recorder::same(moment.gave, again.play(moment))) break;
        ++count;
    }
    return count;
}

}  // namespace

/// The input is a file or, as the worker gives it, a body.
void recordings(byte_view input) {
    (void)recorder::read_file(input);
    auto all = recorder::read_body(input);
    if (!all) return;
    check_reads_back(*all);
    std::vector<std::size_t> equal;
    for (const auto& flight : all->flights) {
        if (flight.moments.size() > most_moments) return;
        equal.push_back(equal_moments(flight));
    }
    recorder::mask(*all, {1, 2});
    check_reads_back(*all);
    // A first fact whose texts lie in its structure is none any more when they are masked.
    for (std::size_t i = 0; i < equal.size(); ++i)
        PARLEY_ASSERT(!recorder::whole(all->flights[i]) || equal_moments(all->flights[i]) >= equal[i]);
}

}  // namespace parley::fuzz
