#pragma once

#include "tests/chaos/proxy.hpp"
#include "tests/support/counted_talk.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

/// P1 and P2 over a bad network: real clients, a real server, and a proxy between them.
namespace parley::chaos {

/// After the last fault everything is whole again within this.
inline constexpr std::chrono::milliseconds whole_within = std::chrono::seconds{15};

struct storm_report {
    std::string violation;  ///< empty: all laws were kept
    testing::talk_sum sum;
    tally met;
    std::int64_t whole_after_ms = 0;
    std::size_t hubs = 0, rooms = 0, kills = 0;
};

/// A server, people who talk in a storm of this seed, and what is there when the network has healed. Every
/// other seed has two hubs.
[[nodiscard]] storm_report live_through(std::uint64_t seed);

/// For people, on one line.
[[nodiscard]] std::string describe(std::uint64_t seed, const storm_report& report);

}  // namespace parley::chaos
