#include "server/ops/health.hpp"

#include "server/ops/json_text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace parley {

namespace {

std::string quoted(std::string_view text) {
    return '"' + escape_json(text) + '"';
}

}  // namespace

void health::report(const std::string& part, const std::string& wrong) {
    const std::lock_guard lock{mutex_};
    parts_[part] = wrong;
}

health::answer health::ask(std::int64_t mono_ms) const {
    const std::lock_guard lock{mutex_};
    answer out;
    std::string checks;
    for (const auto& [part, wrong] : parts_) {
        out.well = out.well && wrong.empty();
        checks += (checks.empty() ? "" : ",") + quoted(part) + ":" + quoted(wrong.empty() ? "ok" : wrong);
    }
    out.json =
        fmt::format(R"({{"status":"{}","version":"{}","uptime_s":{},"checks":{{{}}}}})",
                    out.well ? "ok" : "unwell", PARLEY_VERSION, (mono_ms - started_mono_ms_) / 1000, checks);
    out.ready = fmt::format(R"({{"ready":{},"checks":{{{}}}}})", out.well, checks);
    return out;
}

}  // namespace parley
