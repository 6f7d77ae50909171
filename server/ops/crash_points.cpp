#include "server/ops/crash_points.hpp"

#include "shared/base/assert.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

namespace parley {
namespace {

struct stage {
    std::string point;
    std::uint64_t times = 0;  // still to be passed
};

stage read_stage(std::string_view text) {
    const auto colon = text.find(':');
    PARLEY_ASSERT(colon != text.npos);
    stage read{std::string{text.substr(0, colon)}};
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), read.times);
    PARLEY_ASSERT(read.times > 0);
    return read;
}

class crash_plan {
public:
    explicit crash_plan(const char* text) {
        for (std::string_view left = text ? text : ""; !left.empty();) {
            const auto comma = std::min(left.find(','), left.size());
            stages_.push_back(read_stage(left.substr(0, comma)));
            left.remove_prefix(std::min(comma + 1, left.size()));
        }
    }

    [[nodiscard]] bool empty() const { return stages_.empty(); }

    void pass(std::string_view name) {
        const std::lock_guard lock{mutex_};
        auto& next = stages_[reached_];
        if (next.point != name || --next.times > 0) return;
        if (++reached_ == stages_.size()) ::kill(::getpid(), SIGKILL);
    }

private:
    std::vector<stage> stages_;
    std::mutex mutex_;
    std::size_t reached_ = 0;
};

}  // namespace

void pass_crash_point(std::string_view name) {
    static crash_plan plan{std::getenv("PARLEY_CRASH_AT")};
    if (!plan.empty()) plan.pass(name);
}

}  // namespace parley
