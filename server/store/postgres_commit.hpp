#pragma once

#include "server/store/postgres_database.hpp"
#include "server/store/postgres_members.hpp"
#include "server/store/store.hpp"

#include <map>
#include <optional>
#include <vector>

namespace parley::postgres {

/// Writes one batch: the events, their fold and the read marks. To be used once, in a writing transaction
/// that is rolled back when it throws.
///
/// The row of `log` is locked first, so nobody else writes meanwhile; what the batch touches is read, the
/// batch is folded onto that in memory, and each table is written at once. The offset in `log` says how far a
/// batch was stored already by a commit whose answer was lost; as this transaction writes that row whatever
/// it says, its own acknowledgement covers that commit, too.
class batch_writer {
public:
    /// `process`: its name among those that share the order; empty: it is alone.
    batch_writer(connection& db, std::span<const settled_void> voided, std::string process = {})
        : db_(db), voided_(voided), process_(std::move(process)), members_(db) {}

    /// What stands as a void now: repeats that the index caught, what was to be one, and what another writer
    /// has made one. Nothing if another epoch is in force.
    [[nodiscard]] std::optional<std::vector<settled_void>> write(const commit_batch& batch);

private:
    using entries = std::vector<const placed_entry*>;

    /// A row of `rooms`.
    struct room {
        std::int64_t no = 0;
        bool created = false;
        std::uint64_t head = 0;
        std::uint64_t fence = 0;
        std::int64_t members = 0;
        const wire::event* creation = nullptr;  ///< in this batch
    };

    struct holder {
        std::int64_t room = 0;
        std::uint64_t seq = 0;
        std::uint64_t hash = 0;
    };

    /// What becomes of an event at its place: itself, or a void.
    struct fate {
        change_kind kind = change_kind::nothing;
        errc code = errc::none;
        std::uint64_t duplicate_of = 0;
        bool repeats = false;
    };

    void read_stored(const entries& again);
    void advance_log(const commit_batch& batch, std::uint64_t from, std::uint64_t to);
    void read_rooms(const entries& fresh);
    void make_rooms(const std::vector<room_id>& missing);
    void read_holders(const entries& fresh);
    void read_members(const entries& fresh);

    [[nodiscard]] fate fate_of(const placed_entry& entry, const room& in);
    void fold(const wire::event& event, room& in);
    void join(const wire::event& event, room& in);

    void write_events(const entries& fresh);
    void write_rooms();
    void write_marks(const std::vector<read_mark>& marks);

    connection& db_;
    std::span<const settled_void> voided_;
    std::string process_;
    std::map<room_id, room> rooms_;
    std::map<change_id, holder> holders_;
    member_fold members_;
    std::vector<settled_void> voids_;
};

/// Starts an epoch above the last, for a server that is alone.
[[nodiscard]] std::uint64_t raise_epoch(connection& db, std::int64_t wall_ms, std::uint64_t chance);

}  // namespace parley::postgres
