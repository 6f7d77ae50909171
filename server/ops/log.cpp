#include "server/ops/log.hpp"

#include "server/ops/json_text.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string_view>

namespace parley {

namespace {

constexpr std::array<std::string_view, 4> level_names{"DEBUG", "INFO", "WARN", "ERROR"};

std::string time_text(std::int64_t wall_ms) {
    const auto seconds = static_cast<std::time_t>(wall_ms / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, wall_ms % 1000);
}

template <class Id>
std::string text_or_dash(const Id& id) {
    return id.is_zero() ? "-" : to_text(id);
}

/// `log_level` and the levels of a line stand in the same order.
template <class Level>
spdlog::level::level_enum level_of(Level level) {
    constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                spdlog::level::err};
    return levels[static_cast<std::size_t>(level)];
}

spdlog::logger& writer() {
    static const auto logger = [] {
        auto made =
            std::make_shared<spdlog::logger>("parley", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v", spdlog::pattern_time_type::utc);
        made->set_level(spdlog::level::debug);
        return made;
    }();
    return *logger;
}

}  // namespace

std::string format_line(const log_line& line, std::int64_t wall_ms) {
    return fmt::format(R"([{}] [{}] [{}] socket={} userId={} roomId={} msg="{}" meta={})", time_text(wall_ms),
                       level_names[static_cast<std::size_t>(line.level)], line.event,
                       text_or_dash(line.session), text_or_dash(line.user), text_or_dash(line.room),
                       escape_json(line.message), line.meta_json.empty() ? "{}" : line.meta_json);
}

log_line counts_line(const hub_counts& counts) {
    std::string refused;
    for (const auto& [code, times] : counts.refused)
        refused += fmt::format(R"({}"{}":{})", refused.empty() ? "" : ",", name_of(code), times);
    log_line line;
    line.event = "counts";
    line.meta_json = fmt::format(
        R"({{"sockets":{},"users":{},"rooms":{},"ops":{},"provisional":{},"stored":{},"refused":{{{}}}}})",
        counts.sockets, counts.users, counts.rooms, counts.ops, counts.provisional, counts.stored, refused);
    return line;
}

bool counts_schedule::due(std::int64_t now_ms) {
    if (now_ms < next_ms_) return false;
    next_ms_ += ((now_ms - next_ms_) / limits::counts_ms + 1) * limits::counts_ms;
    return true;
}

void start_log(log_level least) {
    writer().set_level(level_of(least));
}

void write_log(const log_line& line) {
    const auto level = level_of(line.level);
    if (!writer().should_log(level)) return;
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto wall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
    writer().log(level, spdlog::string_view_t{format_line(line, wall_ms)});
}

}  // namespace parley
