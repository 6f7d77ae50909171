#include "server/store/committer_thread.hpp"

#include "server/ops/crash_points.hpp"
#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <chrono>
#include <utility>

namespace parley {
namespace {

constexpr std::int64_t drain_ms = 10'000;
constexpr std::int64_t look_ms = 500;
constexpr std::int64_t least_wait_ms = 5;

instant read_clocks() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace

committer_thread::committer_thread(room_store& store, backbone& order, log_sharing sharing,
                                   state_changed tell, damage_found end)
    : store_(store), order_(order), tell_(std::move(tell)), end_(std::move(end)), sharing_(sharing) {
    order_.on_append([this] { wake(); });
}

committer_thread::~committer_thread() {
    {
        std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake();
    if (thread_.joinable()) thread_.join();
}

void committer_thread::start() {
    thread_ = std::thread{[this] { run(); }};
}

void committer_thread::wake() {
    {
        std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_one();
}

void committer_thread::mark_read(const read_mark& mark) {
    {
        std::lock_guard lock{mutex_};
        if (marks_.size() >= limits::marks_waiting) return;
        marks_.push_back(mark);
        woken_ = true;
    }
    changed_.notify_one();
}

bool committer_thread::drain() {
    {
        std::lock_guard lock{mutex_};
        draining_ = true;
        drain_by_ms_ = read_clocks().mono_ms + drain_ms;
        drain_to_ = order_.end();
    }
    wake();
    if (thread_.joinable()) thread_.join();
    return drained_;
}

void committer_thread::run() {
    committer machine{order_.epoch(), sharing_};
    while (!finished(machine)) {
        if (!wait() && !std::exchange(rested_, true)) store_.rest();
        work(machine);
        due_ = machine.deadline();
    }
    if (drained_) store_.end_lease();
}

/// One thing after the other, with what has come meanwhile, until there is nothing to do now. On a busy
/// server that may be never.
void committer_thread::work(committer& machine) {
    committer_effects effects;
    bool more = hear(machine, effects);
    machine.step(read_clocks(), committer_due{}, effects);
    for (;;) {
        look_at_store();
        const auto answer = carry_out(machine, effects);
        if (!answer && (!more || finished(machine))) return;
        effects.clear();
        more = hear(machine, effects);
        if (answer) machine.step(read_clocks(), *answer, effects);
    }
}

/// What others want written. True: there is more of it.
bool committer_thread::hear(committer& machine, committer_effects& effects) {
    auto news = order_.read(position_);
    position_ = news.position;
    if (!news.entries.empty()) machine.step(read_clocks(), entries_logged{std::move(news.entries)}, effects);
    std::vector<read_mark> marks;
    {
        std::lock_guard lock{mutex_};
        marks.swap(marks_);
    }
    if (!marks.empty()) machine.step(read_clocks(), marks_gathered{std::move(marks)}, effects);
    return news.more;
}

bool committer_thread::wait() {
    std::unique_lock lock{mutex_};
    const auto until = due_ ? std::min(look_at_ms_, *due_) : look_at_ms_;
    // Never nothing: a machine that is stopped may want something that it can't do.
    const std::chrono::milliseconds time{std::max(least_wait_ms, until - read_clocks().mono_ms)};
    changed_.wait_for(lock, time, [this] { return woken_ || stopping_; });
    return std::exchange(woken_, false);
}

bool committer_thread::finished(const committer& machine) {
    std::lock_guard lock{mutex_};
    if (stopping_ || drained_) return true;
    if (!draining_) return false;
    if (!drain_upto_ && position_.next >= drain_to_.next) drain_upto_ = machine.heard();
    drained_ = drain_upto_ && machine.drained(*drain_upto_) && marks_.empty();
    return drained_ || read_clocks().mono_ms >= drain_by_ms_;
}

/// Others may append without end: each time it is asked anew whether all is done.
std::optional<committer_fact> committer_thread::carry_out(const committer& machine,
                                                          const committer_effects& effects) {
    PARLEY_ASSERT(!effects.take_lease || !effects.write);
    for (const auto& settled : effects.settles)
        order_.settle(settled);
    if (effects.state) {
        store_state_ = *effects.state;
        tell_state();
    }
    if (finished(machine)) return {};
    if (effects.take_lease) {
        const auto granted = store_.take_lease(effects.take_lease->epoch);
        return lease_answered{granted.value_or(false), granted ? std::string{} : granted.error().detail};
    }
    if (!effects.write) return {};
    PARLEY_CRASH_POINT(batch_given);
    auto outcome = store_.commit(effects.write->batch, effects.write->voided);
    PARLEY_CRASH_POINT(commit_answered);
    rested_ = false;
    if (outcome.what == commit_outcome::kind::damaged) end_(outcome.reason);
    return commit_answered{std::move(outcome)};
}

void committer_thread::look_at_store() {
    const auto now = read_clocks().mono_ms;
    if (now < look_at_ms_) return;
    look_at_ms_ = now + look_ms;
    refusal_ = store_.refusal().value_or("");
    tell_state();
}

void committer_thread::tell_state() {
    const bool accepting = store_state_.accepting && refusal_.empty();
    auto why = store_state_.why.empty() ? refusal_ : store_state_.why;
    auto now = (accepting ? "+" : "-") + why;
    if (now == told_) return;
    told_ = std::move(now);
    tell_(accepting, why);
}

}  // namespace parley
