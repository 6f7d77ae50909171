#pragma once

#include "tests/simulation/laws/witness.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace parley::simulation {

/// What was reached: which fact met which state of which machine, and which fault struck at which step of a
/// message's journey. Seen from outside, as checkers see it.
class coverage final : public witness {
public:
    [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> counted() const {
        return {counts_.begin(), counts_.end()};
    }

    void count(const std::string& name) { ++counts_[name]; }

    void judged(const append_item& item, const append_answer& answer) override;

private:
    std::map<std::string, std::uint64_t> counts_;
};

}  // namespace parley::simulation
