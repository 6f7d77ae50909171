#pragma once

#include "tests/bench/parley_fleet.hpp"

#include <memory>

namespace parley::bench {

/// What one round has seen of a room in which some stop reading.
struct slow_round {
    double p99_before_us = 0;
    double p99_during_us = 0;  ///< of those who go on reading
    double grown_bytes = 0;    ///< the server's resident memory meanwhile
};

/// 2,000 readers of one room, of whom 200 stop reading in each round: others each time.
class slow_crowd {
public:
    slow_crowd(const target& to, accounts& users);
    ~slow_crowd();

    /// Throws `run_failed` unless each slow one is told that it is behind, and resumes without a gap.
    [[nodiscard]] slow_round measure();

private:
    void stop_reading();
    void read_again();

    pid_t server_;
    std::unique_ptr<fleet> fleet_;
    std::vector<link*> slow_;
    std::size_t next_ = 0;  ///< who is slow next
};

}  // namespace parley::bench
