#include "shared/base/assert.hpp"
#include "tests/fuzz/client_stage.hpp"
#include "tests/fuzz/targets.hpp"

namespace parley::fuzz {
namespace {

constexpr int most_acts = 400;

std::uint64_t play(byte_view input) {
    choices choose{input};
    client_stage stage{choose.flag()};
    stage.start();
    for (int i = 0; i < most_acts && !choose.done(); ++i)
        stage.act(choose);
    return stage.digest();
}

}  // namespace

void client_facts(byte_view input) {
    const auto once = play(input);
    if (!input.empty() && input.size() % 4 == 0) PARLEY_ASSERT(play(input) == once);  // L16
}

}  // namespace parley::fuzz
