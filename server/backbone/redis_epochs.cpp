#include "server/backbone/redis_epochs.hpp"

#include "shared/base/visit.hpp"

#include <algorithm>
#include <utility>

namespace parley {

void redis_epochs::step(instant now, const epochs_fact& fact, epochs_effects& out) {
    now_ms_ = now.mono_ms;
    visit([&](const auto& what) { take(what, out); }, fact);
}

std::optional<deadline_ms> redis_epochs::deadline() const {
    if (state_ != state::resting) return {};
    return due_ms_;
}

void redis_epochs::take(const epochs_due&, epochs_effects& out) {
    if (state_ == state::resting && now_ms_ >= due_ms_) search(out);
}

void redis_epochs::take(const row_read& fact, epochs_effects& out) {
    if (state_ == state::searching) {
        if (!fact.row) return rest();
        row_ = *fact.row;
        state_ = state::looking;
        out.ask = look_at_order{};
    } else if (state_ == state::rereading) {
        if (!fact.row) return rest();
        row_ = *fact.row;
        judge(look_, out);
    } else if (state_ == state::checking_row) {
        // While the store is silent, nobody can have begun another epoch.
        if (!fact.row) return follow();
        row_ = *fact.row;
        if (row_.epoch != epoch_ || row_.n < upto_) return abandon(out);
        state_ = state::checking_order;
        out.ask = look_at_order{};
    }
}

void redis_epochs::take(const order_looked& fact, epochs_effects& out) {
    if (state_ == state::looking) {
        if (!fact.look) return rest();
        judge(*fact.look, out);
    } else if (state_ == state::checking_order) {
        const auto& look = fact.look;
        const bool same = look && look->master && look->epoch == epoch_ && look->incarnation == incarnation_;
        same ? follow() : abandon(out);
    }
}

void redis_epochs::judge(const order_look& look, epochs_effects& out) {
    const bool fits =
        row_.epoch != 0 && look.master && look.epoch == row_.epoch && look.incarnation == row_.incarnation;
    const bool behind = fits && row_.n < look.upto;
    if (behind && state_ == state::looking) {
        look_ = look;
        state_ = state::rereading;
        out.ask = read_row{};
        return;
    }
    const bool store_went_back = row_.epoch < epoch_ || behind;
    if (fits && !store_went_back) return adopt(look, out);
    if (!lost_ || lost_->first != row_.epoch) lost_.emplace(row_.epoch, now_ms_);
    // Who writes under another Redis is not disturbed; a lease ends sooner than we lose patience.
    const bool lost = now_ms_ - lost_->second > config_.lost_ms && !row_.held;
    const bool due = store_went_back || row_.epoch == 0 || lost;
    if (!look.master || !due) return rest();
    state_ = state::raising;
    raised_for_ = look.incarnation;
    out.ask = raise_epoch{row_.epoch, std::max({epoch_, look.epoch, row_.epoch}), look.incarnation};
}

void redis_epochs::adopt(const order_look& look, epochs_effects& out) {
    const bool afresh = std::exchange(afresh_, false) || look.epoch != epoch_;
    epoch_ = look.epoch;
    incarnation_ = look.incarnation;
    lost_.reset();
    upto_ = afresh ? look.upto : std::max(upto_, look.upto);
    moved_ms_ = heard_ms_ = now_ms_;
    state_ = state::following;
    out.adopt = adopt_epoch{epoch_, incarnation_, look.upto, afresh};
}

/// Told to Redis once: said again, it could empty an epoch that has ops.
void redis_epochs::take(const epoch_raised& fact, epochs_effects& out) {
    if (state_ != state::raising) return;
    if (fact.epoch == 0) return rest();
    state_ = state::beginning;
    out.ask = begin_epoch{fact.epoch, raised_for_};
}

void redis_epochs::take(const epoch_begun&, epochs_effects& out) {
    if (state_ == state::beginning) search(out);
}

void redis_epochs::take(const log_followed& fact, epochs_effects& out) {
    if (state_ != state::following) return;
    if (fact.heard) heard_ms_ = now_ms_;
    if (fact.upto > upto_ || !fact.provisional) moved_ms_ = now_ms_;
    upto_ = std::max(upto_, fact.upto);
    const bool still = now_ms_ - moved_ms_ >= config_.still_ms;
    const bool quiet = now_ms_ - heard_ms_ >= config_.quiet_ms;
    if (!still && !quiet) return;
    state_ = state::checking_row;
    out.ask = read_row{};
}

void redis_epochs::take(const order_lost& fact, epochs_effects& out) {
    afresh_ |= fact.gap;
    const bool working =
        state_ == state::following || state_ == state::checking_row || state_ == state::checking_order;
    if (working) abandon(out);
}

void redis_epochs::search(epochs_effects& out) {
    state_ = state::searching;
    out.ask = read_row{};
}

void redis_epochs::follow() {
    moved_ms_ = heard_ms_ = now_ms_;
    state_ = state::following;
}

void redis_epochs::abandon(epochs_effects& out) {
    out.abandon = true;
    rest();
}

void redis_epochs::rest() {
    state_ = state::resting;
    due_ms_ = now_ms_ + config_.retry_ms;
}

}  // namespace parley
