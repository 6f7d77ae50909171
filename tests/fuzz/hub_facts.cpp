#include "tests/fuzz/hub_stage.hpp"
#include "tests/fuzz/targets.hpp"

namespace parley::fuzz {
namespace {

constexpr int most_acts = 300;

}  // namespace

void hub_facts(byte_view input) {
    choices choose{input};
    hub_stage stage;
    if (choose.flag()) stage.begin_in_company();
    for (int i = 0; i < most_acts && !choose.done(); ++i)
        stage.act(choose);
    stage.finish();
}

}  // namespace parley::fuzz
