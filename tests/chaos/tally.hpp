#pragma once

#include "tests/chaos/forecast.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace parley::chaos {

/// What has come over the connections of a storm.
struct tally {
    std::size_t connections = 0;
    std::size_t stalls = 0;
    std::array<std::size_t, fault_kinds> endings{};  ///< by `fault`
    std::array<std::size_t, gust_kinds> gusts{};     ///< by `gust::what`

    tally& operator+=(const tally& other);
};

/// For people: "31 connections, 6 cut, 2 mute, 1 freeze".
[[nodiscard]] std::string describe(const tally& met);

}  // namespace parley::chaos
