#include "server/store/committer.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>

namespace parley {
namespace {

constexpr std::int64_t marks_delay_ms = 1'000;
constexpr std::size_t marks_a_batch = 1'024;
constexpr std::int64_t lease_believed_ms = limits::lease_ms / 2;
constexpr std::int64_t lease_retry_ms = 200;

const placed_entry& placed(const log_entry_ptr& entry) {
    return std::get<placed_entry>(*entry);
}

std::size_t weight(const wire::event& event) {
    return event.text.size() + event.name.size() + event.author_name.size() + 128;
}

bool concerns_rights(change_kind kind) {
    return kind == change_kind::create || kind == change_kind::join || kind == change_kind::leave;
}

settled_entry settlement_of(const commit_batch& batch) {
    settled_entry settled{batch.epoch, 0, {}, {}};
    boost::unordered_flat_map<room_id, std::size_t, id_hash> index;
    for (const auto& entry : batch.events) {
        const auto& event = placed(entry).event;
        const auto [at, fresh] = index.emplace(event.room, settled.rooms.size());
        if (fresh) settled.rooms.push_back({event.room, 0});
        settled.rooms[at->second].w = event.seq;
    }
    return settled;
}

}  // namespace

void committer::step(instant now, const committer_fact& fact, committer_effects& out) {
    if (const auto* logged = std::get_if<entries_logged>(&fact)) {
        take(*logged, out);
    } else if (const auto* answered = std::get_if<commit_answered>(&fact)) {
        take(now, *answered, out);
    } else if (const auto* gathered = std::get_if<marks_gathered>(&fact)) {
        take(*gathered);
    } else if (const auto* lent = std::get_if<lease_answered>(&fact)) {
        take(now, *lent, out);
    }
    if (!shared_ && !in_flight_ && waiting_.empty() && heard_ > settled_) settle({epoch_, 0, {}, {}}, out);
    if (!marks_at_ && !marks_.empty()) marks_at_ = now.mono_ms + marks_delay_ms;
    if (retry_at_ && *retry_at_ <= now.mono_ms) retry_at_.reset();
    if (!in_flight_ && !retry_at_) write(now, out);
}

std::optional<deadline_ms> committer::deadline() const {
    if (in_flight_ || superseded_) return {};
    if (retry_at_) return retry_at_;
    if (lease_ == lease::denied && !waiting_.empty())
        return marks_at_ ? std::min(*marks_at_, lease_until_) : lease_until_;
    return marks_at_;
}

bool committer::drained(std::uint64_t upto) const {
    const bool stored = waiting_.empty() || placed(waiting_.front()).n > upto;
    return stored && marks_.empty() && (!in_flight_ || in_flight_->batch.marks.empty());
}

void committer::take(const entries_logged& fact, committer_effects& out) {
    for (const auto& entry : fact.entries) {
        if (const auto* begun = std::get_if<epoch_entry>(entry.get())) {
            begin(*begun, out);
        } else if (const auto* settled = std::get_if<settled_entry>(entry.get())) {
            if (shared_ && settled->epoch == epoch_) settled_up_to(settled->upto);
        } else if (const auto* place = std::get_if<placed_entry>(entry.get())) {
            if (superseded_ || place->event.epoch != epoch_) continue;
            heard_ = place->n;
            if (!halted(place->event.room)) waiting_.push_back(entry);
        }
    }
}

/// By whomever.
void committer::settled_up_to(std::uint64_t n) {
    while (!waiting_.empty() && placed(waiting_.front()).n <= n) {
        waiting_.pop_front();
        suspects_ -= std::min<std::size_t>(suspects_, 1);
        void_first_ = false;
    }
    behind_ = std::max(behind_, n);
}

/// What the store does not have of an older epoch is gone.
void committer::begin(const epoch_entry& begun, committer_effects& out) {
    epoch_ = begun.epoch;
    if (std::exchange(superseded_, false)) tell_state(true, {}, out);
    heard_ = settled_ = 0;
    behind_ = begun.behind;
    if (lease_ != lease::asked) lease_ = lease::none;
    waiting_.clear();
    halted_.clear();
    halted_why_.clear();
    suspects_ = 0;
    void_first_ = false;
}

void committer::take(const marks_gathered& fact) {
    for (const auto& mark : fact.marks) {
        const std::pair key{mark.user, mark.room};
        if (marks_.size() >= limits::marks_waiting && !marks_.contains(key)) continue;
        auto& read = marks_[key];
        read = std::max(read, mark.read);
    }
}

void committer::take(instant now, const commit_answered& fact, committer_effects& out) {
    PARLEY_ASSERT(in_flight_.has_value());
    // Of an epoch that has ended meanwhile: whatever became of it, the new epoch has read it from the store.
    const bool outdated = in_flight_->batch.epoch != epoch_;
    const auto& outcome = fact.outcome;
    if (outdated) {
        outcome.what == commit_outcome::kind::failed ? breaker_.failed(now.mono_ms) : breaker_.succeeded();
        if (outcome.what != commit_outcome::kind::committed) put_back_marks();
    } else if (outcome.what == commit_outcome::kind::committed) {
        committed(outcome, out);
    } else if (outcome.what == commit_outcome::kind::row_refused) {
        row_refused(now, outcome, out);
    } else if (outcome.what == commit_outcome::kind::superseded) {
        superseded(out);
    } else {
        failed(now, outcome.reason, out);
    }
    in_flight_.reset();
}

void committer::committed(const commit_outcome& outcome, committer_effects& out) {
    breaker_.succeeded();
    failures_ = 0;
    tell_state(true, halted_why_, out);
    const auto& batch = in_flight_->batch;
    if (batch.events.empty()) return;

    auto settled = settlement_of(batch);
    // What others write, too, may stand otherwise than it was told: such a store says how it stands.
    if (!shared_) settled.voids = in_flight_->voided;
    settled.voids.insert(settled.voids.end(), outcome.voids.begin(), outcome.voids.end());
    std::sort(settled.voids.begin(), settled.voids.end(), [](const settled_void& a, const settled_void& b) {
        return a.room == b.room ? a.place.seq < b.place.seq : a.room < b.room;
    });
    // A store that had the batch already may tell again what it was told.
    const auto same = [](const settled_void& a, const settled_void& b) {
        return a.room == b.room && a.place.seq == b.place.seq;
    };
    settled.voids.erase(std::unique(settled.voids.begin(), settled.voids.end(), same), settled.voids.end());

    settled_up_to(placed(batch.events.back()).n);
    void_first_ = false;
    if (shared_) {
        lease_ = lease::held;
        lease_until_ = asked_ms_ + lease_believed_ms;
    }
    settle(std::move(settled), out);
}

/// Up to what must still be written. What others write is theirs to settle.
void committer::settle(settled_entry settled, committer_effects& out) {
    if (shared_) {
        settled.upto = behind_;
    } else {
        settled.upto = waiting_.empty() ? heard_ : placed(waiting_.front()).n - 1;
    }
    settled_ = settled.upto;
    out.settles.push_back(std::move(settled));
}

void committer::row_refused(instant now, const commit_outcome& outcome, committer_effects& out) {
    const auto& events = in_flight_->batch.events;
    const auto count = events.size();
    put_back_marks();
    const bool stored_elsewhere = count > 0 && (waiting_.empty() || waiting_.front() != events.front());
    if (stored_elsewhere) return breaker_.succeeded();
    if (count > 1) {
        breaker_.succeeded();  // it answers
        suspects_ = count;
        return;
    }
    if (count == 0 || void_first_) return failed(now, outcome.reason, out);
    const auto& event = placed(waiting_.front()).event;
    if (concerns_rights(event.kind) && shared_)
        return failed(now, "a change of members can't be stored: " + outcome.reason, out);
    if (concerns_rights(event.kind) && halted_.size() >= limits::halted_rooms)
        return failed(now, "the members of too many rooms can't be stored: " + outcome.reason, out);
    breaker_.succeeded();
    if (concerns_rights(event.kind)) return halt(event.room, outcome.reason, out);
    suspects_ = 1;
    void_first_ = true;
}

/// Going on without the row could give somebody rights that were taken.
void committer::halt(room_id room, const std::string& why, committer_effects& out) {
    halted_.push_back(room);
    halted_why_ = "room " + to_text(room) +
                  " is halted until a restart, a change of its members can't be stored: " + why;
    std::erase_if(waiting_, [&](const auto& entry) { return placed(entry).event.room == room; });
    suspects_ = 0;
    settle({epoch_, 0, {}, {}, {room}}, out);
    tell_state(true, halted_why_, out);
}

bool committer::halted(room_id room) const {
    return std::find(halted_.begin(), halted_.end(), room) != halted_.end();
}

void committer::failed(instant now, const std::string& why, committer_effects& out) {
    if (in_flight_) put_back_marks();
    breaker_.failed(now.mono_ms);
    const auto delay =
        std::min(limits::commit_retry_min_ms << std::min(failures_, 6u), limits::commit_retry_max_ms);
    ++failures_;
    const bool open = breaker_.now() == circuit_breaker::state::open;
    retry_at_ = open ? breaker_.retry_at_ms() : now.mono_ms + delay;
    tell_state(!open, why.empty() ? "the store does not answer" : why, out);
}

void committer::superseded(committer_effects& out) {
    breaker_.succeeded();
    put_back_marks();
    superseded_ = true;
    settled_ = heard_;
    waiting_.clear();
    suspects_ = 0;
    void_first_ = false;
    if (lease_ != lease::asked) lease_ = lease::none;
    // Where the order is shared, a new epoch is on its way, and the backbone says so.
    if (!shared_) tell_state(false, "another process has taken over the store", out);
}

void committer::write(instant now, committer_effects& out) {
    const bool marks_due = marks_at_ && *marks_at_ <= now.mono_ms && !marks_.empty();
    // While nothing is accepted there may be nothing to write either: an empty batch asks whether all is
    // well.
    const bool asking = !told_.accepting;
    if (superseded_ || (waiting_.empty() && !marks_due && !asking)) return;
    if (!breaker_.allows(now.mono_ms)) {
        retry_at_ = breaker_.retry_at_ms();
        return;
    }
    const auto count = may_write_entries(now, out) ? next_size() : 0;
    if (lease_ == lease::asked || (count == 0 && !marks_due && !asking)) return;
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    write_batch next{{epoch_, behind_, {waiting_.begin(), end}, take_marks()}, {}};
    asked_ms_ = now.mono_ms;
    if (void_first_ && count > 0) {
        const auto& event = placed(waiting_.front()).event;
        next.voided.push_back({event.room, {event.seq, errc::store_refused, 0}});
    }
    in_flight_ = next;
    out.write = std::move(next);
}

/// Asks for the lease where it is needed; until it is answered, nothing else is written.
bool committer::may_write_entries(instant now, committer_effects& out) {
    if (!shared_ || (lease_ == lease::held && now.mono_ms < lease_until_)) return true;
    const bool denied = lease_ == lease::denied && now.mono_ms < lease_until_;
    if (denied || lease_ == lease::asked || waiting_.empty()) return false;
    lease_ = lease::asked;
    asked_ms_ = now.mono_ms;
    asked_epoch_ = epoch_;
    out.take_lease = lease_wanted{epoch_};
    return false;
}

void committer::take(instant now, const lease_answered& fact, committer_effects& out) {
    if (lease_ != lease::asked) return;
    if (!fact.why.empty()) {
        lease_ = lease::none;
        return failed(now, fact.why, out);
    }
    breaker_.succeeded();
    if (asked_epoch_ != epoch_) {
        lease_ = lease::none;
        return;
    }
    lease_ = fact.granted ? lease::held : lease::denied;
    lease_until_ = fact.granted ? asked_ms_ + lease_believed_ms : now.mono_ms + lease_retry_ms;
}

std::size_t committer::next_size() const {
    if (suspects_ > 0) return std::max<std::size_t>(1, suspects_ / 2);
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < waiting_.size() && count < limits::batch_ops) {
        bytes += weight(placed(waiting_[count]).event);
        if (count > 0 && bytes > limits::batch_bytes) break;
        ++count;
    }
    return count;
}

std::vector<read_mark> committer::take_marks() {
    std::vector<read_mark> taken;
    while (!marks_.empty() && taken.size() < marks_a_batch) {
        const auto first = marks_.begin();
        taken.push_back({first->first.first, first->first.second, first->second});
        marks_.erase(first);
    }
    if (marks_.empty()) marks_at_.reset();
    return taken;
}

void committer::put_back_marks() {
    take(marks_gathered{in_flight_->batch.marks});
    in_flight_->batch.marks.clear();
}

void committer::tell_state(bool accepting, const std::string& why, committer_effects& out) {
    if (told_.accepting == accepting && told_.why == why) return;
    told_ = {accepting, why};
    out.state = told_;
}

}  // namespace parley
