#pragma once

#include "tests/bench/fleet.hpp"
#include "tests/bench/parley_fleet.hpp"

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace parley::bench {

struct plan {
    std::chrono::milliseconds warm_up{300};
    std::chrono::milliseconds measured{1000};
    int rounds = 5;
    std::size_t idle_sessions = 1000;
    std::size_t accepted_sockets = 2000;
    std::vector<target> targets;
};

/// Measures one row on all targets, taking turns between them, and writes a line of JSON for each: the
/// figures of every round, or why there are none.
void run_row(const std::string& row, const plan& plan, std::map<std::string, accounts>& people,
             std::ostream& out);

/// The names that `run_row` knows.
std::vector<std::string> known_rows();

}  // namespace parley::bench
