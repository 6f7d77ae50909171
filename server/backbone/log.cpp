#include "server/backbone/log.hpp"

#include "shared/base/limits.hpp"

#include <algorithm>
#include <utility>

namespace parley {

bool log::append(std::vector<log_entry_ptr> entries) {
    if (entries.empty()) return false;
    std::lock_guard lock{mutex_};
    for (auto& entry : entries) {
        note(*entry);
        entries_.push_back(std::move(entry));
    }
    trim();
    return !std::exchange(signalled_, true);
}

bool log::break_off() {
    std::lock_guard lock{mutex_};
    first_ += entries_.size() + 1;
    settled_ = first_;
    entries_.clear();
    trimmed_ = {};
    return !std::exchange(signalled_, true);
}

void log::wake() {
    decltype(wakes_) sleepers;
    {
        std::lock_guard lock{mutex_};
        sleepers = wakes_;
    }
    for (const auto& sleeper : sleepers)
        (*sleeper)();
}

void log::note(const log_entry& entry) {
    if (const auto* settled = std::get_if<settled_entry>(&entry)) {
        upto_ = std::max(upto_, settled->upto);
    } else if (std::holds_alternative<epoch_entry>(entry)) {
        // What is not settled now never will be.
        settled_ = first_ + entries_.size();
        upto_ = 0;
    }
}

void log::trim() {
    for (; settled_ < first_ + entries_.size(); ++settled_) {
        const auto* placed = std::get_if<placed_entry>(entries_[settled_ - first_].get());
        if (placed && placed->n > upto_) break;
    }
    while (settled_ - first_ > limits::log_settled_entries) {
        drop_oldest();
    }
}

void log::drop_oldest() {
    const auto& oldest = *entries_.front();
    if (const auto* placed = std::get_if<placed_entry>(&oldest)) {
        trimmed_ = {placed->event.epoch, placed->n};
    } else if (const auto* begun = std::get_if<epoch_entry>(&oldest)) {
        trimmed_ = *begun;
    }
    entries_.pop_front();
    ++first_;
}

log_position log::end() const {
    std::lock_guard lock{mutex_};
    return {first_ + entries_.size()};
}

log_read log::read(log_position from) {
    std::lock_guard lock{mutex_};
    signalled_ = false;
    log_read out;
    out.gap = from.next < first_;
    if (out.gap && trimmed_.epoch != 0) out.entries.push_back(std::make_shared<const log_entry>(trimmed_));
    const auto begin = std::max(from.next, first_) - first_;
    const auto stop = std::min(begin + limits::log_entries_a_turn, entries_.size());
    if (begin < stop) {
        out.entries.insert(out.entries.end(), entries_.begin() + static_cast<std::ptrdiff_t>(begin),
                           entries_.begin() + static_cast<std::ptrdiff_t>(stop));
    }
    out.more = stop < entries_.size();
    out.position = {first_ + std::max(begin, stop)};
    return out;
}

void log::on_append(std::function<void()> wake) {
    std::lock_guard lock{mutex_};
    wakes_.push_back(std::make_shared<const std::function<void()>>(std::move(wake)));
}

}  // namespace parley
