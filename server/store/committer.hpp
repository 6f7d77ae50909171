#pragma once

#include "server/store/store.hpp"
#include "shared/base/time.hpp"
#include "shared/policy/circuit_breaker.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Writes the log into the store: one transaction at a time, of what arrived while the last one was written.
/// Performs no I/O.
///
///     idle ── something to write ──▶ writing
///     writing ── committed ──▶ settle, then idle
///             ── row_refused ──▶ idle: half of the batch next, down to one row, which becomes a void; or, if
///                                it takes or gives rights, its room is halted (L5)
///             ── failed ──▶ waiting ── retry_due ──▶ writing: the same batch
///             ── superseded ──▶ idle: until a new epoch is in the log
///
/// Only `committed` moves a room on: an entry is settled once it is stored, in the order of the log. The
/// entries of a halted room are passed over until the epoch ends.
///
/// Where many processes share the order, each has a committer, and the one that has the lease writes:
///
///     none ── something to write ──▶ asked ── granted ──▶ held ── its time is over ──▶ asked
///                                          ── refused ──▶ denied ── a while later ──▶ asked
///                                          ── no answer, or of an epoch that is over ──▶ none
///
/// The lease only saves work. That each entry is stored once, whoever writes it, is up to the transaction;
/// what another one has settled is not written again. Nobody halts a room for the others: a change of rights
/// that can't be stored stops the writing until it can.
namespace parley {

// ---- facts

/// What the log has said since the last time. Behind a gap it says anew in which epoch it goes on, and where.
struct entries_logged {
    std::vector<log_entry_ptr> entries;
};

/// The answer to `write_batch`.
struct commit_answered {
    commit_outcome outcome;
};

struct marks_gathered {
    std::vector<read_mark> marks;
};

/// The answer to `take_lease`.
struct lease_answered {
    bool granted = false;
    std::string why;  ///< not empty: the store did not answer
};

struct committer_due {};

using committer_fact =
    std::variant<entries_logged, commit_answered, marks_gathered, lease_answered, committer_due>;

// ---- effects

/// `room_store::commit` with these; exactly one `commit_answered` answers.
struct write_batch {
    commit_batch batch;
    std::vector<settled_void> voided;
};

/// `room_store::take_lease`; exactly one `lease_answered` answers.
struct lease_wanted {
    std::uint64_t epoch = 0;
};

/// For the hubs (`store_state_changed`) and for health.
struct store_state {
    bool accepting = true;
    std::string why;  ///< empty: all is well
};

struct committer_effects {
    std::optional<write_batch> write;  ///< at most one a step
    std::optional<lease_wanted> take_lease;
    std::vector<settled_entry> settles;  ///< `backbone::settle` for each
    std::optional<store_state> state;    ///< it changed

    void clear() { *this = {}; }
};

/// Who appends to the log that a committer reads, and who settles it.
enum class log_sharing : std::uint8_t { alone, many_processes };

class committer {
public:
    explicit committer(std::uint64_t epoch, log_sharing sharing = log_sharing::alone)
        : epoch_(epoch), shared_(sharing == log_sharing::many_processes) {}

    void step(instant now, const committer_fact& fact, committer_effects& out);

    /// When it next wants `committer_due`.
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    /// The last entry of this epoch that the log has told.
    [[nodiscard]] std::uint64_t heard() const { return heard_; }

    /// Nothing up to there waits or is being written, by whomever, and no mark: the process may end.
    [[nodiscard]] bool drained(std::uint64_t upto) const;

    [[nodiscard]] bool drained() const { return drained(heard_); }

private:
    enum class lease : std::uint8_t { none, asked, held, denied };

    void take(const entries_logged& fact, committer_effects& out);
    void begin(const epoch_entry& begun, committer_effects& out);
    void settled_up_to(std::uint64_t n);
    void take(const marks_gathered& fact);
    void take(instant now, const lease_answered& fact, committer_effects& out);
    void take(instant now, const commit_answered& fact, committer_effects& out);

    void committed(const commit_outcome& outcome, committer_effects& out);
    void row_refused(instant now, const commit_outcome& outcome, committer_effects& out);
    void failed(instant now, const std::string& why, committer_effects& out);
    void superseded(committer_effects& out);

    void halt(room_id room, const std::string& why, committer_effects& out);
    [[nodiscard]] bool halted(room_id room) const;
    void settle(settled_entry settled, committer_effects& out);

    void write(instant now, committer_effects& out);
    [[nodiscard]] bool may_write_entries(instant now, committer_effects& out);
    [[nodiscard]] std::size_t next_size() const;
    [[nodiscard]] std::vector<read_mark> take_marks();
    void put_back_marks();
    void tell_state(bool accepting, const std::string& why, committer_effects& out);

    std::uint64_t epoch_;
    bool shared_;
    lease lease_ = lease::none;
    deadline_ms lease_until_ = 0;        // of `held` and `denied`
    std::int64_t asked_ms_ = 0;          // for the lease, or by a batch, which prolongs it
    std::uint64_t asked_epoch_ = 0;      // for the lease
    bool superseded_ = false;            // until an entry of a new epoch
    std::uint64_t heard_ = 0;            // the last entry of this epoch
    std::uint64_t settled_ = 0;          // the last one that was announced as settled
    std::uint64_t behind_ = 0;           // the last one below those that wait
    std::deque<log_entry_ptr> waiting_;  // placed, of this epoch; the batch in flight is at the front
    std::vector<room_id> halted_;
    std::string halted_why_;
    std::map<std::pair<user_id, room_id>, std::uint64_t> marks_;
    std::optional<write_batch> in_flight_;
    std::size_t suspects_ = 0;  // so many at the front hold a row that the store refuses
    bool void_first_ = false;   // the first one is that row
    circuit_breaker breaker_{5, 30'000};
    std::uint32_t failures_ = 0;
    std::optional<deadline_ms> retry_at_;
    std::optional<deadline_ms> marks_at_;  // marks alone wait a while for a batch to ride along
    store_state told_;
};

}  // namespace parley
