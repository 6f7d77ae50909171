#include "tests/chaos/pipe.hpp"

#include <algorithm>

namespace parley::chaos {
namespace {

constexpr std::size_t waiting_most = 256 * 1024;

}  // namespace

pipe::pipe(path_fate fate, std::uint64_t seed) : fate_(fate), chance_(seed) {}

void pipe::put(std::int64_t now_ms, byte_view input) {
    auto due = now_ms + fate_.delay_ms;
    if (fate_.jitter_ms > 0)
        due += static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>(fate_.jitter_ms) + 1));
    if (!waiting_.empty()) due = std::max(due, waiting_.back().due_ms);
    begin_stall(now_ms);
    waiting_.push_back({{input.begin(), input.end()}, due});
    bytes_waiting_ += input.size();
}

byte_view pipe::due(std::int64_t now_ms) const {
    const auto when = due_ms();
    if (!when || *when > now_ms) return {};
    std::uint64_t most = fate_.piece;
    if (fate_.stalled) most = std::min(most, fate_.stalled->at - carried_);
    if (fate_.ends_at) most = std::min(most, *fate_.ends_at - carried_);
    const auto rest = byte_view{waiting_.front().content}.subspan(left_of_first_);
    return rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, rest.size())));
}

void pipe::sent(std::int64_t now_ms, std::size_t count) {
    carried_ += count;
    bytes_waiting_ -= count;
    left_of_first_ += count;
    if (!waiting_.empty() && left_of_first_ == waiting_.front().content.size()) {
        waiting_.pop_front();
        left_of_first_ = 0;
    }
    begin_stall(now_ms);
}

std::optional<std::int64_t> pipe::due_ms() const {
    if (waiting_.empty() || ended()) return {};
    return std::max(waiting_.front().due_ms, held_until_ms_);
}

bool pipe::full() const {
    return bytes_waiting_ >= waiting_most;
}

void pipe::meet(path_fate fate) {
    fate_ = fate;
    if (fate_.stalled) fate_.stalled->at += carried_;
    if (fate_.ends_at) *fate_.ends_at += carried_;
}

void pipe::calm() {
    fate_ = {};
    held_until_ms_ = 0;
    for (auto& each : waiting_)
        each.due_ms = 0;
}

void pipe::begin_stall(std::int64_t now_ms) {
    if (!fate_.stalled || carried_ < fate_.stalled->at) return;
    held_until_ms_ = now_ms + fate_.stalled->ms;
    fate_.stalled.reset();
    ++stalls_;
}

}  // namespace parley::chaos
