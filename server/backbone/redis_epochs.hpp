#pragma once

#include "server/backbone/epoch_register.hpp"
#include "shared/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// Finds the epoch in which this process may work. Performs no I/O.
///
///     searching ── row read ──▶ looking ── Redis shows the row's epoch and incarnation ──▶ adopt: following
///                               ── and more that is settled than the row has stored ──▶ rereading: the row
///                                  once more, for it was read first; then as from looking
///                               ── else, too soon, or nobody answers ──▶ resting ── due ──▶ searching
///                               ── lost for 6 s and nobody writes, or the store went back, or no epoch ever
///                               ──▶ raising
///     raising ── raised ──▶ beginning (said once, never again) ──▶ searching
///             ── somebody else's, or in doubt ──▶ resting
///     following ── W stands still over what is provisional for 1 s, or nothing read for 3 s ──▶ checking:
///                  row and Redis as adopted ──▶ following, else abandon: resting
///               ── lost, cut off, a gap ──▶ abandon: resting
namespace parley {

/// What one look at Redis shows.
struct order_look {
    std::uint64_t epoch = 0;
    std::uint64_t upto = 0;  ///< settled up to
    std::string incarnation;
    bool master = false;
};

// ---- facts; nothing where nobody answered

struct row_read {
    std::optional<order_row> row;
};

struct order_looked {
    std::optional<order_look> look;
};

/// 0: not by us.
struct epoch_raised {
    std::uint64_t epoch = 0;
};

/// Whatever the answer was.
struct epoch_begun {};

/// The tail has waited for entries.
struct log_followed {
    bool heard = false;  ///< some came
    std::uint64_t upto = 0;
    bool provisional = false;  ///< something stands above `upto`
};

/// `lost` was the answer, the connection broke, or the log has a gap.
struct order_lost {
    bool gap = false;
};

struct epochs_due {};

using epochs_fact =
    std::variant<row_read, order_looked, epoch_raised, epoch_begun, log_followed, order_lost, epochs_due>;

// ---- effects

struct read_row {};

struct look_at_order {};  ///< over the very connection that reads the log

struct raise_epoch {
    std::uint64_t seen = 0;
    std::uint64_t floor = 0;
    std::string incarnation;
};

struct begin_epoch {
    std::uint64_t epoch = 0;
    std::string incarnation;
};

/// Work in this epoch. `afresh`: all that was read of the log is forgotten, it goes on behind `upto`.
struct adopt_epoch {
    std::uint64_t epoch = 0;
    std::string incarnation;
    std::uint64_t upto = 0;
    bool afresh = false;
};

struct epochs_effects {
    bool abandon = false;              ///< nothing may be appended, until `adopt`
    std::optional<adopt_epoch> adopt;  ///< then read the log
    std::variant<std::monostate, read_row, look_at_order, raise_epoch, begin_epoch> ask;  ///< one at a time
};

struct epochs_config {
    std::int64_t lost_ms = 6'000;  ///< longer than a committer's lease lasts
    std::int64_t retry_ms = 100;
    std::int64_t still_ms = 1'000, quiet_ms = 3'000;
};

class redis_epochs {
public:
    explicit redis_epochs(epochs_config config = {}) : config_(config) {}

    void step(instant now, const epochs_fact& fact, epochs_effects& out);

    /// When it next wants `epochs_due`; at the beginning at once.
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    /// Somebody writes in the epoch that the store had when it was last read.
    [[nodiscard]] bool others_write() const { return row_.held; }

    /// The log is to be read.
    [[nodiscard]] bool following() const { return state_ == state::following; }

private:
    enum class state : std::uint8_t {
        resting,
        searching,
        looking,
        rereading,
        raising,
        beginning,
        following,
        checking_row,
        checking_order,
    };

    void take(const row_read& fact, epochs_effects& out);
    void take(const order_looked& fact, epochs_effects& out);
    void take(const epoch_raised& fact, epochs_effects& out);
    void take(const epoch_begun& fact, epochs_effects& out);
    void take(const log_followed& fact, epochs_effects& out);
    void take(const order_lost& fact, epochs_effects& out);
    void take(const epochs_due& fact, epochs_effects& out);

    void judge(const order_look& look, epochs_effects& out);
    void adopt(const order_look& look, epochs_effects& out);
    void search(epochs_effects& out);
    void follow();
    void abandon(epochs_effects& out);
    void rest();

    epochs_config config_;
    state state_ = state::resting;
    std::int64_t now_ms_ = 0;
    deadline_ms due_ms_ = 0;
    order_row row_;    // as last read
    order_look look_;  // of `rereading`
    std::uint64_t epoch_ = 0;
    std::string incarnation_;
    bool afresh_ = true;
    std::string raised_for_;
    std::optional<std::pair<std::uint64_t, std::int64_t>> lost_;  // since when that row is of no use
    std::uint64_t upto_ = 0;
    std::int64_t moved_ms_ = 0;
    std::int64_t heard_ms_ = 0;
};

}  // namespace parley
