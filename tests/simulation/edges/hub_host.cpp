#include "tests/simulation/edges/hub_host.hpp"

#include "tests/simulation/base/describe.hpp"

#include <algorithm>
#include <utility>

namespace parley::simulation {

namespace {

constexpr int log_reads_a_turn = 8;
constexpr std::int64_t sweep_ms = 1'000;

}  // namespace

hub_host::hub_host(const server_process::inside& in, std::size_t number, const hub_config& config,
                   gather marks)
    : in_(in),
      label_("hub" + std::to_string(number)),
      chance_(in.around.chance_of(stream::hub, in.order.epoch() * 8 + number)),
      order_chance_(in.around.chance_of(stream::order, in.order.epoch() * 8 + number)),
      position_(in.order.end()),
      core_(config, random_source{chance_.next()}, in.order.epoch(), position_),
      sockets_(in.around, in.all, number, [this] { turn_soon(); }),
      gather_(std::move(marks)) {}

hub_host::~hub_host() {
    *alive_ = false;
}

void hub_host::adopt(session_handle handle, const std::shared_ptr<link>& connection, const signed_in_as& who,
                     user_id owner) {
    if (sockets_.size() == 0) later(sweep_ms, [this] { turn(); });
    sockets_.adopt(handle, connection,
                   {handle, session_id{chance_.source().make_id(in_.clock.now().wall_ms)}, who.login,
                    who.who->user, who.who->name},
                   owner);
}

void hub_host::post(const http_op& op, server_process::http_answer answer) {
    calls_.emplace(op.token, std::move(answer));
    tell(op);
}

void hub_host::tell(hub_fact fact) {
    mail_.push_back(std::move(fact));
    turn_soon();
}

void hub_host::shut_down() {
    step(shutting_down{});
    flush();
    if (!dead_) sockets_.close_all(close_code::going_away);
}

void hub_host::log_grew() {
    if (position_.next != in_.order.end().next) turn_soon();
}

// ---- a turn

void hub_host::turn_soon() {
    if (std::exchange(turn_due_, true)) return;
    later(chance_.upto(in_.around.rate.hubs.lag_ms), [this] { turn(); });
}

void hub_host::turn() {
    if (dead_) return;
    turn_due_ = false;
    sockets_.tell_news([this](const hub_fact& fact) { step(fact); });
    for (const auto& letter : std::exchange(mail_, {}))
        step(letter);
    sockets_.sweep();
    if (const auto due = core_.deadline(); due && *due <= in_.clock.now().mono_ms) step(deadline_passed{});
    ask_order();
    follow_log();
    flush();
    if (dead_) return;
    set_timer();
    in_.log_grew();
}

void hub_host::step(const hub_fact& fact) {
    if (dead_) return;
    core_.step(in_.clock.now(), fact, effects_);
    if (in_.around.tell) {
        const auto words = describe(fact, effects_);
        if (!words.empty()) in_.around.say(label_, words);
    }
    carry_out();
}

/// Everything but what is asked of the order and what is sent: that waits for the flush, and so do the
/// closes, which stand behind it.
void hub_host::carry_out() {
    for (auto& what : std::exchange(effects_.queries, {}))
        if (spend()) ask_store(what);
    for (const auto& answered : std::exchange(effects_.answers, {})) {
        if (!spend()) return;
        const auto call = calls_.extract(answered.token);
        if (call) call.mapped()(answered);
    }
    for (const auto& order : std::exchange(effects_.marks, {}))
        if (spend()) gather_(order.mark);
    effects_.lines.clear();
    closes_.insert(closes_.end(), effects_.closes.begin(), effects_.closes.end());
    effects_.closes.clear();
}

void hub_host::ask_order() {
    while (!dead_ && (!effects_.appends.empty() || !effects_.finds.empty())) {
        for (auto& order : std::exchange(effects_.appends, {}))
            append(order);
        for (const auto& order : std::exchange(effects_.finds, {})) {
            if (!spend()) return;
            step(changes_found{order.query, in_.order.find(order.epoch, order.room, order.changes)});
        }
    }
}

/// The order hears of it now or later, and so does the hub of what it said; the process may die before
/// either.
void hub_host::append(parley::append& order) {
    const auto most_ms = in_.around.rate.hubs.order_ms;
    const auto there_ms = order_chance_.upto(most_ms);
    const auto back_ms = order_chance_.upto(most_ms);
    const auto judge = [this](parley::append& what) {
        const auto asked = what.items;  // the events of what is placed are moved away
        auto judged = *in_.order.append(what.epoch, std::move(what.items), {});
        for (std::size_t i = 0; i < asked.size(); ++i)
            in_.all.tell([&](witness& w) { w.judged(asked[i], judged.answers[i]); });
        return judged;
    };
    if (most_ms == 0) {
        if (!spend()) return;
        const auto judged = judge(order);
        if (spend()) step(judged);
        return;
    }
    later(there_ms, [this, judge, back_ms, what = std::move(order)]() mutable {
        if (!spend()) return;
        auto judged = judge(what);
        in_.log_grew();
        later(back_ms, [this, judged = std::move(judged)] {
            if (spend()) tell(judged);
        });
    });
}

void hub_host::follow_log() {
    for (int reads = 0; reads < log_reads_a_turn && !dead_; ++reads) {
        auto news = in_.order.read(position_);
        position_ = news.position;
        if (news.gap) in_.all.tell([](witness& w) { w.reloading(); });
        step(log_advanced{std::move(news.entries), news.gap, position_, in_.order.end()});
        ask_order();
        if (!news.more) return;
    }
    if (!dead_) turn_soon();
}

void hub_host::flush() {
    if (dead_) return;
    const bool hurry = !in_.around.healing && chance_.percent(in_.around.rate.hubs.hurry_percent);
    if (hurry) turn_soon();
    core_.flush(in_.clock.now(), effects_);
    for (const auto& order : std::exchange(effects_.sends, {}))
        if (spend()) sockets_.send(order);
    carry_out();
    ask_order();
    if (dead_) return;
    for (const auto& order : std::exchange(closes_, {}))
        sockets_.close(order.session, order.code);
}

void hub_host::set_timer() {
    auto next = core_.deadline();
    const auto now_ms = in_.clock.now().mono_ms;
    if (sockets_.size() > 0) next = std::min(next.value_or(now_ms + sweep_ms), now_ms + sweep_ms);
    if (!next || (timer_ && *timer_ <= *next && *timer_ > now_ms)) return;
    timer_ = next;
    const auto number = ++timer_number_;
    later(in_.clock.until(*next), [this, number] {
        if (number != timer_number_) return;
        timer_.reset();
        turn();
    });
}

// ---- what it asks of the store

/// The snapshot is taken some time after the question and told some time after that; readers are several, so
/// answers overtake each other.
void hub_host::ask_store(const query& question) {
    const auto delay_ms = in_.around.rate.store.delay_ms;
    later(chance_.upto(delay_ms), [this, question, delay_ms] {
        later(chance_.upto(delay_ms), [this, answer = answer_of(question)] { tell(answer); });
    });
}

query_answered hub_host::answer_of(const query& question) {
    const auto told = [&](auto&& answer) {
        query_answered out{question.query, error{errc::unavailable}};
        if (answer) out.answer = std::move(*answer);
        return out;
    };
    auto& store = in_.store.now();
    if (in_.around.fails(chance_, in_.around.rate.store.query_fails_percent))
        return {question.query, error{errc::unavailable, "simulated"}};
    if (const auto* q = std::get_if<load_room>(&question.ask)) return told(store.load_room(q->room));
    if (const auto* q = std::get_if<read_before>(&question.ask))
        return told(store.read_before(q->room, q->before, q->limit));
    if (const auto* q = std::get_if<read_after>(&question.ask))
        return told(store.read_after(q->room, q->after, q->limit));
    if (const auto* q = std::get_if<find_stored>(&question.ask)) return told(store.find(q->room, q->changes));
    if (const auto* q = std::get_if<rooms_of>(&question.ask)) return told(store.rooms_of(q->user));
    if (const auto* q = std::get_if<list_rooms>(&question.ask))
        return told(store.list_rooms(q->user, q->key, q->limit));
    const auto& q = std::get<list_members>(question.ask);
    return told(store.list_members(q.room, q.key, q.limit));
}

}  // namespace parley::simulation
