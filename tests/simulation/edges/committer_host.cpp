#include "tests/simulation/edges/committer_host.hpp"

#include "tests/simulation/base/describe.hpp"

#include <algorithm>
#include <utility>

namespace parley::simulation {

committer_host::committer_host(const server_process::inside& in, const store_mood& mood, state_changed tell)
    : in_(in),
      mood_(mood),
      tell_(std::move(tell)),
      chance_(in.around.chance_of(stream::committer, in.order.epoch())),
      core_(in.order.epoch()),
      position_(in.order.end()),
      epoch_(in.order.epoch()) {
    look_at_store();
}

committer_host::~committer_host() {
    *alive_ = false;
}

void committer_host::log_grew() {
    if (position_.next == in_.order.end().next || std::exchange(turn_due_, true)) return;
    later(chance_.upto(in_.around.rate.hubs.lag_ms), [this] { turn(); });
}

void committer_host::gather(const read_mark& mark) {
    step(marks_gathered{{mark}});
}

void committer_host::look_at_store() {
    tell_state();
}

bool committer_host::drained() const {
    return core_.drained() && position_.next >= in_.order.end().next;
}

void committer_host::turn() {
    turn_due_ = false;
    if (dead_) return;
    auto news = in_.order.read(position_);
    // What an epoch leaves behind is trimmed at once; nobody needs it. Nor what is said to be settled.
    const bool anew = in_.order.epoch() != std::exchange(epoch_, in_.order.epoch());
    if (news.gap && anew) next_n_ = 0;
    for (const auto& entry : news.entries) {
        const auto* placed = std::get_if<placed_entry>(entry.get());
        // The other kind stands for a gap.
        const auto* begun = std::get_if<epoch_entry>(entry.get());
        if (begun && begun->behind == 0) next_n_ = 1;
        if (!placed) continue;
        require(next_n_ == 0 || placed->n == next_n_, "L14 bounds",
                "the log was trimmed above what the committer has read");
        next_n_ = placed->n + 1;
    }
    position_ = news.position;
    if (!news.entries.empty()) step(entries_logged{std::move(news.entries)});
    if (!dead_) in_.log_grew();
}

void committer_host::step(const committer_fact& fact) {
    if (dead_) return;
    committer_effects effects;
    core_.step(in_.clock.now(), fact, effects);
    if (in_.around.tell) {
        const auto words = describe(fact, effects);
        if (!words.empty()) in_.around.say("committer", words);
    }
    for (const auto& settled : effects.settles) {
        if (!spend()) return;
        in_.all.tell([&](witness& w) { w.settled(settled); });
        in_.order.settle(settled);
    }
    if (effects.state) {
        accepting_ = effects.state->accepting;
        tell_state();
    }
    if (effects.write && spend()) write(std::move(*effects.write));
    const auto due = core_.deadline();
    if (due != timer_) {
        timer_ = due;
        const auto number = ++timer_number_;
        if (due)
            later(in_.clock.until(*due), [this, number] {
                if (number != timer_number_) return;
                timer_.reset();
                step(committer_due{});
            });
    }
    in_.log_grew();
}

void committer_host::write(write_batch what) {
    later(delay_ms(), [this, what = std::move(what)] {
        if (!spend()) return;
        const auto outcome = commit(what);
        in_.all.tell([&](witness& w) { w.written(what.batch, outcome.what); });
        // The process may die between the commit and its answer.
        if (!spend()) return;
        later(delay_ms(), [this, outcome] { step(commit_answered{outcome}); });
    });
}

std::int64_t committer_host::delay_ms() {
    const auto stalled_ms = std::max<std::int64_t>(0, mood_.stalled_until_ms - in_.around.clock.now_ms());
    return stalled_ms + chance_.upto(in_.around.rate.store.delay_ms);
}

commit_outcome committer_host::commit(const write_batch& what) {
    if (mood_.failing || in_.around.fails(chance_, in_.around.rate.store.commit_fails_percent)) {
        if (chance_.one_in(2)) in_.store.leave_in_doubt(what.batch, what.voided);
        in_.around.say("store", "fails");
        return {commit_outcome::kind::failed, {}, "simulated"};
    }
    if (refuses(what)) return {commit_outcome::kind::row_refused, {}, "simulated"};
    return in_.store.commit(what.batch, what.voided);
}

/// A row that the store will not take stays so: chosen by its id, not by chance.
bool committer_host::refuses(const write_batch& what) {
    bool refused = false;
    for (const auto& entry : what.batch.events) {
        const auto& event = std::get<placed_entry>(*entry).event;
        const auto bad = mix64(event.id.op.value.lo) % 1000 < in_.around.rate.store.row_refused_permille;
        const bool already = std::any_of(what.voided.begin(), what.voided.end(), [&](const settled_void& v) {
            return v.room == event.room && v.place.seq == event.seq;
        });
        if (!bad || already || event.kind != change_kind::message) continue;
        in_.all.tell([&](witness& w) { w.row_refused(event); });
        refused = true;
    }
    return refused;
}

void committer_host::tell_state() {
    const bool accepting = accepting_ && !mood_.full;
    if (told_ == accepting) return;
    told_ = accepting;
    tell_(accepting);
}

}  // namespace parley::simulation
