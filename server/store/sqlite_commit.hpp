#pragma once

#include "server/store/sqlite_database.hpp"
#include "server/store/store.hpp"

#include <map>
#include <optional>
#include <vector>

namespace parley::sqlite {

/// Writes one batch: the events, their fold and the read marks. To be used once, in a writing transaction
/// that is rolled back when it throws.
class batch_writer {
public:
    batch_writer(database& db, std::span<const settled_void> voided) : db_(db), voided_(voided) {}

    /// The repeats that the index caught; nothing if another epoch is in force.
    [[nodiscard]] std::optional<std::vector<settled_void>> write(const commit_batch& batch);

private:
    /// A row of `rooms`, written back when the batch is through.
    struct room {
        std::int64_t no = 0;
        bool created = false;
        std::uint64_t head = 0;
        std::uint64_t fence = 0;
        std::int64_t members = 0;
    };

    /// What becomes of an event at its place: itself, or a void.
    struct fate {
        change_kind kind = change_kind::nothing;
        errc code = errc::none;
        std::uint64_t duplicate_of = 0;
    };

    void put(const placed_entry& entry);
    void put_again(const placed_entry& entry, const room& in);
    bool insert(const placed_entry& entry, const room& in, const fate& as, bool repeat);
    [[nodiscard]] fate fate_of(const wire::event& event) const;
    [[nodiscard]] fate fate_of_repeat(const placed_entry& entry, const room& in);
    void fold(const wire::event& event, room& in);
    void join(const wire::event& event, room& in);
    room& room_at(room_id id);
    void write_back();
    void mark(const read_mark& mark);

    database& db_;
    std::span<const settled_void> voided_;
    std::map<room_id, room> rooms_;
    std::vector<settled_void> repeats_;
};

/// Durably starts an epoch above the last.
[[nodiscard]] std::uint64_t raise_epoch(database& db, std::int64_t wall_ms, std::uint64_t chance);

}  // namespace parley::sqlite
