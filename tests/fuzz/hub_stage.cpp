#include "tests/fuzz/hub_stage.hpp"

#include "shared/base/assert.hpp"
#include "shared/wire/codec.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace parley::fuzz {
namespace {

template <class... Cases>
struct cases : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
cases(Cases...) -> cases<Cases...>;

}  // namespace

hub_stage::hub_stage()
    : epoch_(*store_.raise_epoch(now_.wall_ms, 7)),
      order_(epoch_, [this] { return now_.mono_ms; }),
      hub_({}, random_source{1}, epoch_, order_.end()),
      position_(order_.end()),
      writer_(epoch_),
      writer_position_(order_.end()) {
    http_words_.time_ms = now_.wall_ms;
}

void hub_stage::feed(const hub_fact& fact) {
    hub_.step(now_, fact, effects_);
    collect();
}

/// Everything but what is sent and closed: that comes with the flush only.
void hub_stage::collect() {
    PARLEY_ASSERT(appends_.empty() || effects_.appends.empty());
    PARLEY_ASSERT(effects_.appends.size() <= 1);
    std::move(effects_.appends.begin(), effects_.appends.end(), std::back_inserter(appends_));
    std::move(effects_.finds.begin(), effects_.finds.end(), std::back_inserter(finds_));
    std::move(effects_.queries.begin(), effects_.queries.end(), std::back_inserter(queries_));
    for (const auto& answer : effects_.answers) {
        PARLEY_ASSERT(tokens_.erase(answer.token) == 1);
        PARLEY_ASSERT(answer.reply.outcome != outcome::placed);
    }
    for (const auto& mark : effects_.marks)
        step_committer(marks_gathered{{mark.mark}});
    effects_.appends.clear();
    effects_.finds.clear();
    effects_.queries.clear();
    effects_.answers.clear();
    effects_.marks.clear();
    effects_.lines.clear();
}

void hub_stage::flush() {
    ask_order();
    read_log();
    hub_.flush(now_, effects_);
    for (const auto& send : effects_.sends) {
        auto& to = *listeners_.at(send.session);
        for (const auto& message : send.messages) {
            PARLEY_ASSERT(message->wire_bytes()[0] == 0x82);
            to.hears(message->payload(), store_);
        }
    }
    for (const auto& one : std::exchange(effects_.closes, {}))
        if (auto& who = *listeners_.at(one.session); who.open()) close(who);  // else it went in this turn
    effects_.sends.clear();
    collect();
}

void hub_stage::close(hub_listener& who) {
    who.close();
    feed(session_closed{who.handle()});
}

void hub_stage::pass(std::int64_t ms) {
    now_.mono_ms += ms;
    now_.wall_ms += ms;
    http_words_.time_ms = now_.wall_ms;
    if (const auto due = hub_.deadline(); due && *due <= now_.mono_ms) feed(deadline_passed{});
    if (const auto due = writer_.deadline(); due && *due <= now_.mono_ms) step_committer(committer_due{});
}

void hub_stage::ask_order() {
    while (!appends_.empty() || !finds_.empty()) {
        for (auto& one : std::exchange(appends_, {})) {
            auto answers = order_.append(one.epoch, one.items);
            feed(appended{std::move(answers), std::move(one.items)});
        }
        for (const auto& one : std::exchange(finds_, {}))
            feed(changes_found{one.query, order_.find(one.epoch, one.room, one.changes)});
    }
}

void hub_stage::read_log() {
    ask_order();
    auto news = order_.read(position_);
    position_ = news.position;
    feed(log_advanced{std::move(news.entries), news.gap, position_, order_.end()});
    ask_order();
}

/// The hub slept so long that the log was trimmed above it: only of what is settled.
void hub_stage::skip_log() {
    ask_order();
    if (order_.provisional() != 0 || order_.epoch() != epoch_ || position_.next == order_.end().next) return;
    auto at = position_;
    while (at.next < order_.end().next) {
        const auto passed = order_.read(at);
        for (const auto& entry : passed.entries)
            if (std::holds_alternative<epoch_entry>(*entry)) return;
        at = passed.position;
    }
    position_ = order_.end();
    feed(log_advanced{{}, true, position_, position_});
    ask_order();
}

void hub_stage::answer_query(std::size_t at, bool fails) {
    if (at >= queries_.size()) return;
    const auto asked = std::move(queries_[at]);
    queries_.erase(queries_.begin() + static_cast<std::ptrdiff_t>(at));
    feed(fails ? query_answered{asked.query, error{errc::unavailable, "away"}} : answer_of(asked));
}

query_answered hub_stage::answer_of(const query& asked) {
    query_answered out;
    out.query = asked.query;
    const auto put = [&](auto got) {
        if (got) {
            out.answer = std::move(*got);
        } else {
            out.answer = got.error();
        }
    };
    std::visit(cases{[&](const load_room& q) { put(store_.load_room(q.room)); },
                     [&](const read_before& q) { put(store_.read_before(q.room, q.before, q.limit)); },
                     [&](const read_after& q) { put(store_.read_after(q.room, q.after, q.limit)); },
                     [&](const find_stored& q) { put(store_.find(q.room, q.changes)); },
                     [&](const rooms_of& q) { put(store_.rooms_of(q.user)); },
                     [&](const list_rooms& q) { put(store_.list_rooms(q.user, q.key, q.limit)); },
                     [&](const list_members& q) { put(store_.list_members(q.room, q.key, q.limit)); }},
               asked.ask);
    return out;
}

void hub_stage::step_committer(const committer_fact& fact) {
    committer_effects made;
    writer_.step(now_, fact, made);
    for (const auto& settled : made.settles) {
        halted_ |= !settled.halted.empty();
        order_.settle(settled);
    }
    if (made.write) {
        PARLEY_ASSERT(!to_write_);
        to_write_ = std::move(made.write);
    }
    if (!made.state) return;
    accepting_ = made.state->accepting;
    feed(store_state_changed{accepting_});
}

/// Between the two, what the store is asked to commit is of an epoch that is no more.
void hub_stage::lose_backbone() {
    if (std::exchange(raised_, !raised_)) {
        order_.begin(epoch_);
        halted_ = false;
    } else {
        epoch_ = *store_.raise_epoch(now_.wall_ms, 11);
    }
}

void hub_stage::settle_down(int turns) {
    choices well{{}};
    for (; turns > 0; --turns) {
        commit(well);
        while (!queries_.empty())
            answer_query(0, false);
        flush();
    }
}

void hub_stage::finish() {
    if (halted_ && !raised_) lose_backbone();  // a halted room stands still until its epoch ends (L5)
    if (raised_) lose_backbone();
    settle_down(3);
    for (const auto& [handle, who] : listeners_)
        if (who->open()) close(*who);
    // Longer than any room sleeps, any HTTP op is owed and any failed commit waits.
    const auto busy = [this] { return hub_.deadline() || !writer_.drained() || !tokens_.empty(); };
    for (int turn = 0; turn < 400 && busy(); ++turn) {
        settle_down(1);
        pass(turn < 20 ? 100 : 1'000);
    }
    settle_down(2);
    const auto counts = hub_.counts();
    PARLEY_ASSERT(tokens_.empty());
    PARLEY_ASSERT(order_.provisional() == 0 && writer_.drained() && accepting_);
    PARLEY_ASSERT(counts.sockets == 0 && counts.users == 0);
    PARLEY_ASSERT(counts.rooms == 0 && counts.provisional == 0);
    PARLEY_ASSERT(!hub_.deadline());
}

}  // namespace parley::fuzz
