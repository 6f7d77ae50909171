#include "server/backbone/append_line.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>
#include <utility>

namespace parley {

void append_line::put(std::uint64_t epoch, std::vector<append_item> items, answer later) {
    batch one;
    one.epoch = epoch;
    one.answers.resize(items.size());
    one.items = std::move(items);
    one.later = std::move(later);
    waiting_.push_back(std::move(one));
}

std::span<const append_item* const> append_line::next() {
    if (call_.empty() && !waiting_.empty()) compose(waiting_.front());
    return call_;
}

/// What follows an op of its room that was not placed is not asked: whoever gave both expects that.
void append_line::compose(batch& from) {
    asked_.clear();
    for (call_end_ = from.done; call_end_ < from.items.size() && call_.size() < limits::append_ops;
         ++call_end_) {
        const auto& item = from.items[call_end_];
        const auto& stopped = from.stopped;
        if (std::find(stopped.begin(), stopped.end(), item.event.room) != stopped.end()) {
            from.answers[call_end_].what = judgement::skipped;
            continue;
        }
        asked_.push_back(call_end_);
        call_.push_back(&item);
    }
}

append_line::answered append_line::answer_next(std::span<const append_answer> answers) {
    PARLEY_ASSERT(answers.size() == call_.size() && !waiting_.empty());
    auto& first = waiting_.front();
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto what = answers[i].what;
        first.answers[asked_[i]] = answers[i];
        const bool stands =
            what == judgement::placed || what == judgement::duplicate || what == judgement::conflict;
        if (!stands) first.stopped.push_back(first.items[asked_[i]].event.room);
    }
    first.done = call_end_;
    call_.clear();
    if (first.done < first.items.size()) compose(first);
    answered out;
    if (!call_.empty()) return out;
    out.push_back(finish(std::move(first)));
    waiting_.pop_front();
    return out;
}

append_line::answered append_line::begin(std::uint64_t epoch) {
    answered out;
    while (!waiting_.empty() && waiting_.front().epoch != epoch) {
        call_.clear();
        out.push_back(finish(std::move(waiting_.front())));
        waiting_.pop_front();
    }
    return out;
}

append_line::answered append_line::refuse_unasked() {
    answered out;
    while (waiting_.size() > (call_.empty() ? 0u : 1u)) {
        auto& last = waiting_.back();
        for (auto i = last.done; i < last.items.size(); ++i)
            last.answers[i].what = judgement::busy;
        out.push_back(finish(std::move(last)));
        waiting_.pop_back();
    }
    return out;
}

std::function<void()> append_line::finish(batch one) {
    auto told = std::make_shared<appended>(appended{std::move(one.answers), std::move(one.items)});
    return [told, later = std::move(one.later)] { later(std::move(*told)); };
}

}  // namespace parley
