#include "server/net/hub_loop.hpp"

#include "server/ops/crash_points.hpp"

#include <chrono>

namespace parley {
namespace {

constexpr std::size_t turn_events = 512;
constexpr std::size_t turn_bytes = 256 * 1024;
constexpr auto turn_time = std::chrono::milliseconds{1};
constexpr int log_reads_a_turn = 8;
constexpr std::int64_t shutdown_ms = 2'000;
constexpr std::int64_t counts_ms = 500;

instant read_clocks() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace

hub_loop::hub_loop(const hub_config& config, std::uint64_t seed, hub_surroundings surroundings)
    : around_(std::move(surroundings)),
      hub_(config, random_source{seed}, around_.order.epoch(), position_),
      sockets_(
          poller_, around_.process_unsent, [this](const hub_fact& fact) { step(fact); },
          random_source{mix64(seed)}),
      now_(read_clocks()) {
    around_.order.on_append([this] {
        log_grew_ = true;
        poller_.wake();
    });
}

hub_loop::~hub_loop() {
    stop();
}

void hub_loop::start() {
    thread_ = std::thread{[this] { run(); }};
}

void hub_loop::stop() {
    if (!shutdown_wanted_) stop_wanted_ = true;
    poller_.wake();
    if (thread_.joinable()) thread_.join();
    calls_.clear();
    std::lock_guard lock{mailbox_mutex_};
    mailbox_.clear();
}

void hub_loop::adopt(adopted_socket socket) {
    mail(std::move(socket));
}

void hub_loop::post(hub_fact fact) {
    mail(std::move(fact));
}

void hub_loop::post_op(user_id user, std::string name, wire::op op, op_answered answer) {
    mail(op_call{http_op{0, user, std::move(name), std::move(op)}, std::move(answer)});
}

void hub_loop::shut_down() {
    shutdown_wanted_ = true;
    poller_.wake();
}

void hub_loop::mail(letter posted) {
    {
        std::lock_guard lock{mailbox_mutex_};
        mailbox_.push_back(std::move(posted));
    }
    poller_.wake();
}

bool hub_loop::has_mail() {
    if (log_grew_ || stop_wanted_ || (shutdown_wanted_ && !shutting_down_)) return true;
    std::lock_guard lock{mailbox_mutex_};
    return !mailbox_.empty();
}

void hub_loop::run() {
    while (!finished()) {
        turn(poller_.wait(idle_time_ms(), [this] { return has_mail(); }));
    }
}

bool hub_loop::finished() const {
    return stop_wanted_ || (shutting_down_ && (sockets_.empty() || now_.mono_ms >= shut_by_ms_));
}

std::optional<std::int64_t> hub_loop::idle_time_ms() {
    if (more_to_do_ || sockets_.has_news()) return 0;
    std::optional<deadline_ms> next = hub_.deadline();
    const auto sooner = [&](std::optional<deadline_ms> other) {
        if (other && (!next || *other < *next)) next = other;
    };
    sooner(sockets_.deadline());
    if (counts_stale_) sooner(counted_at_ms_ + counts_ms);
    if (shutting_down_) sooner(shut_by_ms_);
    if (!next) return {};
    return std::max<std::int64_t>(0, *next - read_clocks().mono_ms);
}

void hub_loop::turn(std::span<const epoll_event> ready) {
    more_to_do_ = false;
    now_ = read_clocks();
    take_input(ready);
    take_mail();
    sockets_.tell_news();
    sockets_.sweep(now_);
    if (const auto due = hub_.deadline(); due && *due <= now_.mono_ms) step(deadline_passed{});
    if (shutdown_wanted_ && !shutting_down_) begin_shutdown();
    ask_order();
    follow_log();
    flush();
    publish_counts();
}

void hub_loop::take_input(std::span<const epoll_event> ready) {
    const auto until = std::chrono::steady_clock::now() + turn_time;
    std::size_t events = 0;
    std::size_t input = 0;
    while (!ready.empty()) {
        for (const auto& event : ready)
            input += sockets_.handle(now_, event);
        events += ready.size();
        if (events >= turn_events || input >= turn_bytes || std::chrono::steady_clock::now() >= until) {
            more_to_do_ = true;
            return;
        }
        ready = poller_.look();
    }
}

void hub_loop::take_mail() {
    std::vector<letter> letters;
    {
        std::lock_guard lock{mailbox_mutex_};
        letters.swap(mailbox_);
    }
    for (auto& each : letters) {
        if (auto* socket = std::get_if<adopted_socket>(&each)) {
            sockets_.adopt(now_, std::move(*socket));
        } else if (auto* call = std::get_if<op_call>(&each)) {
            call->op.token = ++last_token_;
            calls_.emplace(call->op.token, std::move(call->answer));
            PARLEY_CRASH_POINT(http_op_received);
            step(call->op);
        } else {
            step(std::get<hub_fact>(each));
        }
    }
}

/// Always, not only after a wake: an op that is judged by the log's head must know where that is.
void hub_loop::follow_log() {
    for (int reads = 0; reads < log_reads_a_turn; ++reads) {
        if (!log_grew_.exchange(false) && reads != 0) return;
        auto news = around_.order.read(position_);
        position_ = news.position;
        if (news.more) log_grew_ = true;
        const bool grew = !news.entries.empty();
        step(log_advanced{std::move(news.entries), news.gap, position_, around_.order.end()});
        if (grew) PARLEY_CRASH_POINT(log_followed);
        ask_order();
    }
}

void hub_loop::flush() {
    hub_.flush(now_, effects_);
    for (auto& order : effects_.sends) {
        sockets_.send(now_, order);
        order.messages.clear();
        PARLEY_CRASH_POINT(delivered);
    }
    carry_out();
    ask_order();
    for (const auto& order : closes_)
        sockets_.close(now_, order.session, order.code);
    closes_.clear();
    sockets_.finish_turn(now_);
    if (!effects_.sends.empty()) PARLEY_CRASH_POINT(flushed);
}

void hub_loop::step(const hub_fact& fact) {
    hub_.step(now_, fact, effects_);
    carry_out();
}

/// Once for all facts of a turn: each append wakes the committer.
void hub_loop::ask_order() {
    while (!effects_.appends.empty() || !effects_.finds.empty()) {
        for (auto& order : std::exchange(effects_.appends, {})) {
            PARLEY_CRASH_POINT(appending);
            auto answered = around_.order.append(order.epoch, std::move(order.items),
                                                 [this](appended late) { post(std::move(late)); });
            if (!answered) continue;
            hub_.step(now_, std::move(*answered), effects_);
            PARLEY_CRASH_POINT(append_answered);
        }
        for (const auto& order : std::exchange(effects_.finds, {})) {
            auto places = around_.order.find(order.epoch, order.room, order.changes);
            hub_.step(now_, changes_found{order.query, std::move(places)}, effects_);
        }
        carry_out();
    }
}

/// Everything but what is asked of the order and what is sent: that waits for the flush, and so do the
/// closes, which stand behind it.
void hub_loop::carry_out() {
    for (auto& what : effects_.queries) {
        around_.store.ask(std::move(what), [this](query_answered answer) { post(std::move(answer)); });
    }
    for (const auto& answered : effects_.answers) {
        PARLEY_CRASH_POINT(http_verdict);
        if (const auto call = calls_.extract(answered.token)) call.mapped()(answered);
    }
    for (const auto& order : effects_.marks)
        around_.mark_read(order.mark);
    for (const auto& line : effects_.lines)
        around_.log(line);
    closes_.insert(closes_.end(), effects_.closes.begin(), effects_.closes.end());
    effects_.queries.clear();
    effects_.answers.clear();
    effects_.marks.clear();
    effects_.lines.clear();
    effects_.closes.clear();
}

void hub_loop::begin_shutdown() {
    shutting_down_ = true;
    shut_by_ms_ = now_.mono_ms + shutdown_ms;
    step(shutting_down{});
    flush();
    sockets_.close_all(now_, close_code::going_away);
}

void hub_loop::publish_counts() {
    counts_stale_ = now_.mono_ms < counted_at_ms_ + counts_ms;
    if (counts_stale_) return;
    counted_at_ms_ = now_.mono_ms;
    auto counted = hub_.counts();
    std::lock_guard lock{counts_mutex_};
    counts_ = std::move(counted);
}

hub_counts hub_loop::counts() const {
    std::lock_guard lock{counts_mutex_};
    return counts_;
}

}  // namespace parley
