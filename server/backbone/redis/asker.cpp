#include "server/backbone/redis/parts.hpp"

/// Appends and settles, one call at a time.
namespace parley::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto reconnect_after = 100ms;
constexpr auto tighten_every = 100ms;

}  // namespace

bool redis_backbone::parts::has_work() const {
    if (!working || lost_adoption == adoptions) return false;
    return !line.empty() || !settled.empty() || (full && std::chrono::steady_clock::now() >= tighten_at);
}

void redis_backbone::parts::ask() {
    std::unique_lock lock{mutex};
    while (!stopping) {
        end_epochs(lock);
        if (!has_work()) {
            changed.wait_for(lock, full ? tighten_every : 1s, [this] { return stopping || has_work(); });
        } else {
            if (!settled.empty() || full) ask_settle(lock);
            end_epochs(lock);
            if (has_work() && !line.empty()) ask_append(lock);
        }
    }
}

/// Here and not where the epoch is adopted: a call under way reads what it was given.
void redis_backbone::parts::end_epochs(std::unique_lock<std::mutex>& lock) {
    auto ended = line.begin(now.epoch);
    if (ended.empty()) return;
    lock.unlock();
    tell_all(std::move(ended));
    lock.lock();
}

void redis_backbone::parts::ask_append(std::unique_lock<std::mutex>& lock) {
    const auto items = line.next();
    const auto when = now;
    const auto then = adoptions;
    const auto from = seen;
    lock.unlock();
    const auto told_us = asker.append(when, from, items);
    lock.lock();
    if (now.epoch != when.epoch) return;  // lost, all of them
    if (!told_us) return failed(lock);
    if (told_us->lost) return lost(then);
    full = told_us->full;
    auto answers = line.answer_next(told_us->answers);
    lock.unlock();
    tell_all(std::move(answers));
    lock.lock();
}

void redis_backbone::parts::ask_settle(std::unique_lock<std::mutex>& lock) {
    auto what = settled.all();
    const auto when = now;
    const auto then = adoptions;
    if (settled.empty()) what.upto = places.upto();  // it only trims
    const bool tight = full;
    lock.unlock();
    const auto told_us = asker.settle(when, what, tight);
    lock.lock();
    if (now.epoch != when.epoch) return;
    if (!told_us) return failed(lock);
    if (told_us->lost) return lost(then);
    settled.acknowledge(told_us->upto);
    tighten_at = std::chrono::steady_clock::now() + tighten_every;
    full = false;  // until an append finds it so
    changed.notify_all();
}

/// Nobody knows whether it was carried out: it is asked again, over a new connection.
void redis_backbone::parts::failed(std::unique_lock<std::mutex>& lock) {
    changed.wait_for(lock, reconnect_after, [this] { return stopping; });
}

void redis_backbone::parts::lost(std::uint64_t adoption_then) {
    lost_adoption = adoption_then;
    ask_link.close();
}

}  // namespace parley::redis
