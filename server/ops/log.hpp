#pragma once

#include "server/hub/hub.hpp"
#include "server/ops/config.hpp"
#include "shared/base/limits.hpp"

#include <cstdint>
#include <string>

/// The server's log: one line each, for people and for `grep`, each written at once.
///
///     [2026-11-20T09:15:02.123Z] [INFO] [join_room] socket=… userId=… roomId=… msg="…" meta={…}
///
/// `-` stands where an id is unknown; `meta` is one JSON object. No message bodies, no tokens.
namespace parley {

/// The line without its end. Quotes, backslashes and control characters of `message` are escaped as in JSON.
[[nodiscard]] std::string format_line(const log_line& line, std::int64_t wall_ms);

/// The counts of one moment, as a line: sockets, users, rooms in memory, ops, provisional, stored, refused by
/// reason.
[[nodiscard]] log_line counts_line(const hub_counts& counts);

/// When that line is due: a minute after the start, and each minute from then on, however late it is asked.
class counts_schedule {
public:
    explicit counts_schedule(std::int64_t started_ms) : next_ms_(started_ms + limits::counts_ms) {}

    /// True once for each minute that has passed, or once for several.
    [[nodiscard]] bool due(std::int64_t now_ms);

private:
    std::int64_t next_ms_;
};

/// Lines below `least` are dropped from now on. Before the first call everything is written.
void start_log(log_level least);

/// Writes to stderr, stamped with the time of now. From any thread.
void write_log(const log_line& line);

}  // namespace parley
