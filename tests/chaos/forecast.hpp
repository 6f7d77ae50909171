#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

/// What a network will do to its connections. All of it is a function of a seed.
namespace parley::chaos {

/// How a connection ends before its time.
enum class fault : std::uint8_t {
    none,
    cut,               ///< both sides are closed
    reset,             ///< both sides get a reset
    client_forgotten,  ///< the client's side is reset, the server goes on believing
    server_forgotten,  ///< the other way round
    mute_up,           ///< what the client says comes nowhere, and nobody is told
    mute_down,
    mute,  ///< neither side is heard any more
};
inline constexpr std::size_t fault_kinds = 8;

/// From the byte `at` on, what comes waits for so long.
struct stall {
    std::uint64_t at = 0;
    std::int64_t ms = 0;
};

/// Of one direction.
struct path_fate {
    std::int64_t delay_ms = 0, jitter_ms = 0;
    std::size_t piece = std::numeric_limits<std::size_t>::max();  ///< bytes of one write, at most
    std::optional<stall> stalled;
    std::optional<std::uint64_t> ends_at;  ///< so many bytes are carried, then the ending comes
};

struct connection_fate {
    path_fate up, down;  ///< to the server, to the client
    fault ending = fault::none;
};

/// What comes over all connections at once.
struct gust {
    enum class what : std::uint8_t {
        refuse,  ///< new connections are refused
        freeze,  ///< nothing is carried
        reset,   ///< each connection gets a reset
    };
    what kind = what::refuse;
    std::int64_t at_ms = 0, for_ms = 0;  ///< since the storm began
};

inline constexpr std::size_t gust_kinds = 3;

struct forecast {
    /// Of the n-th connection of the storm, from 0.
    std::function<connection_fate(std::uint64_t)> fate;
    std::vector<gust> gusts;  ///< by `at_ms`
};

/// Some seeds are nearly calm, some let hardly a connection live.
[[nodiscard]] forecast forecast_of(std::uint64_t seed, std::int64_t storm_ms);

}  // namespace parley::chaos
