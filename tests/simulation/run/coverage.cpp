#include "tests/simulation/run/coverage.hpp"

#include "tests/simulation/base/describe.hpp"

namespace parley::simulation {

void coverage::judged(const append_item& item, const append_answer& answer) {
    count("sequencer " + std::string(name_of(answer.what)) + " of kind " +
          std::to_string(static_cast<int>(item.event.kind)));
}

}  // namespace parley::simulation
