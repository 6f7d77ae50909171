#include "shared/client/journal.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

constexpr std::int64_t retry_ms = 5'000;

}  // namespace

void journal::forget_all() {
    memory_only_ = true;
    full_ = strict_ = false;
    put_.clear();
    drop_.clear();
    failed_drop_.clear();
    under_way_.clear();
    retry_at_ms_.reset();
}

std::uint64_t journal::put(std::string key, bytes value, bool strict) {
    if (memory_only_) return 0;
    forget_key(key);
    put_.push_back({std::move(key), std::move(value)});
    strict_ = strict_ || strict;
    return number_;
}

std::uint64_t journal::drop(std::string key, bool strict) {
    if (memory_only_) return 0;
    forget_key(key);
    drop_.push_back(std::move(key));
    strict_ = strict_ || strict;
    return number_;
}

void journal::flush(client_effects& out) {
    if (put_.empty() && drop_.empty()) return;
    take_back_failed();
    under_way_.push_back({number_, drop_});
    persist effect;
    effect.batch = number_++;
    effect.put = std::move(put_);
    effect.drop = std::move(drop_);
    effect.strict = strict_;
    out.push_back(std::move(effect));
    put_.clear();
    drop_.clear();
    strict_ = false;
}

void journal::persisted(std::uint64_t batch) {
    full_ = false;
    forget_batches(batch);
}

void journal::failed(instant now, const persist_failed& fact) {
    if (fact.why == persist_failed::reason::closed) return forget_all();
    if (fact.why == persist_failed::reason::full) full_ = true;
    retry_at_ms_ = now.mono_ms + retry_ms;
    for (auto& sent : under_way_) {
        if (sent.number != fact.batch) continue;
        for (auto& key : sent.drop)
            failed_drop_.push_back(std::move(key));
    }
    forget_batches(fact.batch);
}

void journal::forget_batches(std::uint64_t upto) {
    const auto answered = [&](const sent_batch& sent) { return sent.number <= upto; };
    under_way_.erase(std::remove_if(under_way_.begin(), under_way_.end(), answered), under_way_.end());
}

bool journal::retry_due(instant now) {
    if (!retry_at_ms_ || *retry_at_ms_ > now.mono_ms) return false;
    retry_at_ms_.reset();
    take_back_failed();
    return true;
}

void journal::take_back_failed() {
    for (auto& key : failed_drop_) {
        const auto rewritten = [&](const stored_record& r) { return r.key == key; };
        const bool known = std::find(drop_.begin(), drop_.end(), key) != drop_.end();
        if (!known && std::none_of(put_.begin(), put_.end(), rewritten)) drop_.push_back(std::move(key));
    }
    failed_drop_.clear();
}

void journal::forget_key(const std::string& key) {
    const auto same = [&](const stored_record& r) { return r.key == key; };
    put_.erase(std::remove_if(put_.begin(), put_.end(), same), put_.end());
    drop_.erase(std::remove(drop_.begin(), drop_.end(), key), drop_.end());
    failed_drop_.erase(std::remove(failed_drop_.begin(), failed_drop_.end(), key), failed_drop_.end());
}

}  // namespace parley
