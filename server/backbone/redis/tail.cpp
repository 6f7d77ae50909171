#include "server/backbone/redis/parts.hpp"

#include <algorithm>
#include <utility>

/// Finds the epoch, reads the log on.
namespace parley::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto tell_after = 1s;

instant read_clocks() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace

void redis_backbone::parts::follow() {
    for (;;) {
        bool lost = false;
        {
            std::lock_guard lock{mutex};
            if (stopping) return;
            lost = working && lost_adoption == adoptions;
        }
        if (lost) step(order_lost{});
        if (machine.following()) {
            read_on();
        } else {
            rest();
            step(epochs_due{});
            if (!machine.following()) tell_trouble();
        }
    }
}

/// Not of what is over at once.
void redis_backbone::parts::tell_trouble() {
    if (std::chrono::steady_clock::now() - abandoned_at < tell_after) return;
    if (!trouble.empty() || machine.others_write()) {
        std::lock_guard lock{mutex};
        why_not = trouble.empty() ? "another Parley works on this database, with another Redis" : trouble;
    }
    tell_state(false, trouble.empty() ? "Redis has lost the order of ops; a new epoch begins soon" : trouble);
}

void redis_backbone::parts::rest() {
    std::unique_lock lock{mutex};
    const auto due = machine.deadline().value_or(0) - read_clocks().mono_ms;
    changed.wait_for(lock, std::chrono::milliseconds{std::max<std::int64_t>(due, 0)},
                     [this] { return stopping; });
}

void redis_backbone::parts::step(const epochs_fact& fact) {
    std::optional<epochs_fact> next = fact;
    while (next) {
        epochs_effects effects;
        machine.step(read_clocks(), *next, effects);
        if (effects.abandon) abandon();
        if (effects.adopt) adopt(*effects.adopt);
        next = answer_of(effects);
    }
}

std::optional<epochs_fact> redis_backbone::parts::answer_of(const epochs_effects& effects) {
    const auto note = [this](const error& why) { trouble = why.detail; };
    if (std::holds_alternative<read_row>(effects.ask)) {
        auto row = store.read();
        if (row) return row_read{*row};
        note(row.error());
        return row_read{};
    }
    if (std::holds_alternative<look_at_order>(effects.ask)) {
        const auto look = tail.look();
        if (look)
            return order_looked{order_look{look->now.epoch, look->upto, look->now.incarnation, look->master}};
        note(look.error());
        return order_looked{};
    }
    if (const auto* raise = std::get_if<raise_epoch>(&effects.ask)) {
        const auto raised = store.raise(raise->seen, raise->floor, raise->incarnation);
        if (!raised) note(raised.error());
        return epoch_raised{raised.value_or(0)};
    }
    if (const auto* begin = std::get_if<begin_epoch>(&effects.ask)) {
        if (const auto begun = tail.begin({begin->epoch, begin->incarnation}); !begun) note(begun.error());
        return epoch_begun{};
    }
    return {};
}

void redis_backbone::parts::adopt(const adopt_epoch& order) {
    bool wake = false;
    {
        std::lock_guard lock{mutex};
        const bool another = order.epoch != now.epoch;
        now = {order.epoch, order.incarnation};
        if (order.afresh) {
            position = seen = order.upto;
            places.forget();
            places.settle({order.epoch, order.upto, {}, {}});
        }
        settled.begin(order.epoch);
        settled.acknowledge(order.upto);
        if (order.afresh && !another) wake = entries.break_off();
        if (order.afresh) {
            const epoch_entry begun{order.epoch, order.upto};
            wake |= entries.append({std::make_shared<const log_entry>(begun)});
        }
        ++adoptions;
        working = true;
    }
    if (wake) entries.wake();
    trouble.clear();
    tell_state(true, {});
    changed.notify_all();
}

/// What was asked of Redis waits for its answer, or for the end of the epoch.
void redis_backbone::parts::abandon() {
    append_line::answered refused_now;
    abandoned_at = std::chrono::steady_clock::now();
    {
        std::lock_guard lock{mutex};
        working = false;
        refused_now = line.refuse_unasked();
    }
    tell_all(std::move(refused_now));
    changed.notify_all();
}

void redis_backbone::parts::read_on() {
    auto news = tail.read(now.epoch, position);  // `now` changes on this thread only
    if (!news) {
        trouble = news.error().detail;
        return step(order_lost{news.error().code == errc::malformed});
    }
    const bool heard = !news->empty();
    if (!deliver(*std::move(news))) return;
    log_followed fact{heard, 0, false};
    {
        std::lock_guard lock{mutex};
        fact.upto = places.upto();
        fact.provisional = places.provisional();
    }
    step(fact);
}

/// False if this is not the log that was followed.
bool redis_backbone::parts::deliver(std::vector<read_entry> read) {
    std::vector<log_entry_ptr> news;
    bool torn = false;
    bool other = false;
    for (auto& one : read) {
        other = one.epoch != now.epoch;
        torn = !other && one.n != position + 1;
        if (other || torn) break;
        position = one.n;
        news.push_back(std::make_shared<const log_entry>(std::move(one.entry)));
    }
    bool wake = false;
    {
        std::lock_guard lock{mutex};
        seen = position;
        for (const auto& entry : news) {
            if (const auto* placed = std::get_if<placed_entry>(entry.get())) places.place(*placed);
            if (const auto* mark = std::get_if<settled_entry>(entry.get())) {
                places.settle(*mark);
                settled.acknowledge(mark->upto);
            }
        }
        wake = entries.append(std::move(news));
    }
    changed.notify_all();
    if (wake) entries.wake();
    if (other || torn) step(order_lost{torn});
    return !other && !torn;
}

void redis_backbone::parts::tell_state(bool accepting, const std::string& why) {
    {
        std::lock_guard lock{telling};
        if (std::exchange(told, accepting) == accepting) return;
    }
    options.tell(accepting, why);
}

}  // namespace parley::redis
