#include "server/backbone/redis/redis_backbone.hpp"

#include "server/backbone/append_line.hpp"
#include "server/backbone/known_places.hpp"
#include "server/backbone/log.hpp"
#include "server/backbone/redis/fitness.hpp"
#include "server/backbone/settlements.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace parley::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto reconnect_after = 100ms;
constexpr auto tighten_every = 100ms;
constexpr auto stop_patience = 3s;
constexpr auto tell_after = 1s;

instant read_clocks() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

void tell_all(append_line::answered answers) {
    for (const auto& answer : answers)
        answer();
}

/// One answer for all.
appended refused(std::vector<append_item> items, judgement why) {
    std::vector<append_answer> answers(items.size(), append_answer{why});
    return {std::move(answers), std::move(items)};
}

}  // namespace

struct redis_backbone::parts {
    parts(backbone_options given, epoch_register& shared)
        : options(std::move(given)),
          store(shared),
          keys(options.database),
          tail_link(options.where),
          tail(tail_link, keys, options.bounds),
          ask_link(options.where),
          asker(ask_link, keys, options.bounds),
          machine(options.epochs) {}

    // the tail's thread
    void follow();
    void step(const epochs_fact& fact);
    [[nodiscard]] std::optional<epochs_fact> answer_of(const epochs_effects& effects);
    void adopt(const adopt_epoch& order);
    void abandon();
    void read_on();
    [[nodiscard]] bool deliver(std::vector<read_entry> entries);
    void rest();
    void tell_trouble();

    // the asker's thread
    void ask();
    void ask_append(std::unique_lock<std::mutex>& lock);
    void ask_settle(std::unique_lock<std::mutex>& lock);
    void end_epochs(std::unique_lock<std::mutex>& lock);
    void failed(std::unique_lock<std::mutex>& lock);
    void lost(std::uint64_t adoption_then);
    [[nodiscard]] bool has_work() const;
    void tell_state(bool accepting, const std::string& why);

    backbone_options options;
    epoch_register& store;
    key_names keys;
    log entries;

    connection tail_link;
    calls tail;
    connection ask_link;
    calls asker;

    // of the tail's thread alone
    redis_epochs machine;
    std::uint64_t position = 0;  // the last entry read of this epoch
    std::string trouble;         // the last thing that went wrong
    std::chrono::steady_clock::time_point abandoned_at = std::chrono::steady_clock::now();

    mutable std::mutex mutex;  // of all below
    std::condition_variable changed;
    term now;
    std::uint64_t adoptions = 0;
    std::uint64_t lost_adoption = 0;  // the asker was told `lost` in that one
    bool working = false;             // adopted, not abandoned
    bool stopping = false;
    std::uint64_t seen = 0;  // `position`, for the asker
    known_places places;
    append_line line;
    settlements settled;
    bool full = false;  // Redis has no memory left
    std::chrono::steady_clock::time_point tighten_at{};
    std::mutex telling;
    std::optional<bool> told;

    std::thread following, asking;
};

// ---- from any thread

redis_backbone::redis_backbone(backbone_options options, epoch_register& store)
    : parts_(std::make_unique<parts>(std::move(options), store)) {
    auto& p = *parts_;
    if (const auto why = complaint_about(p.tail_link, p.keys); !why.empty()) throw std::runtime_error{why};
    p.following = std::thread{[&p] { p.follow(); }};
    p.asking = std::thread{[&p] { p.ask(); }};
}

redis_backbone::~redis_backbone() {
    stop();
}

void redis_backbone::stop() {
    auto& p = *parts_;
    {
        std::unique_lock lock{p.mutex};
        p.changed.wait_for(lock, stop_patience, [&p] { return p.settled.empty() || !p.working; });
        p.stopping = true;
    }
    p.changed.notify_all();
    p.tail_link.interrupt();
    p.ask_link.interrupt();
    if (p.following.joinable()) p.following.join();
    if (p.asking.joinable()) p.asking.join();
}

std::uint64_t redis_backbone::epoch() const {
    std::lock_guard lock{parts_->mutex};
    return parts_->now.epoch;
}

std::optional<appended> redis_backbone::append(std::uint64_t epoch, std::vector<append_item> items,
                                               std::function<void(appended)> later) {
    auto& p = *parts_;
    std::unique_lock lock{p.mutex};
    if (epoch != p.now.epoch || epoch == 0) return refused(std::move(items), judgement::lost);
    if (!p.working || p.stopping) return refused(std::move(items), judgement::busy);
    p.line.put(epoch, std::move(items), std::move(later));
    lock.unlock();
    p.changed.notify_all();
    return {};
}

std::vector<standing> redis_backbone::find(std::uint64_t epoch, room_id room,
                                           std::span<const change_id> changes) {
    std::lock_guard lock{parts_->mutex};
    if (epoch != parts_->now.epoch) return std::vector<standing>(changes.size());
    return parts_->places.find(room, changes);
}

log_position redis_backbone::end() const {
    return parts_->entries.end();
}

log_read redis_backbone::read(log_position from) {
    return parts_->entries.read(from);
}

void redis_backbone::on_append(std::function<void()> wake) {
    parts_->entries.on_append(std::move(wake));
}

void redis_backbone::settle(const settled_entry& settled) {
    {
        std::lock_guard lock{parts_->mutex};
        if (settled.epoch != parts_->now.epoch) return;
        parts_->settled.put(settled);
    }
    parts_->changed.notify_all();
}

bool redis_backbone::provisional() const {
    std::lock_guard lock{parts_->mutex};
    return parts_->places.provisional();
}

// ---- the tail's thread: finds the epoch, reads the log on

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
        if (another) {
            wake = entries.append({std::make_shared<const log_entry>(epoch_entry{order.epoch})});
        } else if (order.afresh) {
            wake = entries.break_off();
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
    if (wake) entries.wake();
    if (other || torn) step(order_lost{torn});
    return !other && !torn;
}

// ---- the asker's thread

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

void redis_backbone::parts::tell_state(bool accepting, const std::string& why) {
    {
        std::lock_guard lock{telling};
        if (std::exchange(told, accepting) == accepting) return;
    }
    options.tell(accepting, why);
}

}  // namespace parley::redis
