#include "server/store/sqlite_commit.hpp"

#include "server/store/epoch.hpp"
#include "shared/base/assert.hpp"

#include <algorithm>
#include <variant>

namespace parley::sqlite {

namespace {

constexpr const char* advance_log = "UPDATE log SET n = max(n, ?2) WHERE part = 0 AND epoch = ?1";

constexpr const char* insert_event =
    "INSERT INTO events (room, seq, epoch, op, author, author_name, time_ms, hash, kind, code, duplicate_of, "
    "repeats, name, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
    "ON CONFLICT (op, author) DO NOTHING";
constexpr const char* insert_message =
    "INSERT INTO messages (event, room, seq, author, text) VALUES (?1, ?2, ?3, ?4, ?5)";

constexpr const char* select_holder = "SELECT room, seq, hash FROM events WHERE op = ?1 AND author = ?2";
constexpr const char* select_place =
    "SELECT coalesce(op, repeats), author, epoch, op IS NULL, code, duplicate_of FROM events "
    "WHERE room = ?1 AND seq = ?2";

constexpr const char* select_room = "SELECT no, kind, head, fence, members FROM rooms WHERE id = ?1";
constexpr const char* insert_room =
    "INSERT INTO rooms (id, kind, name, topic, creator, head, fence, members) "
    "VALUES (?1, 0, '', '', zeroblob(16), 0, 0, 0)";
constexpr const char* create_room =
    "UPDATE rooms SET kind = ?2, name = ?3, topic = ?4, creator = ?5 WHERE no = ?1";
constexpr const char* update_room = "UPDATE rooms SET head = ?2, fence = ?3, members = ?4 WHERE no = ?1";

constexpr const char* insert_member =
    "INSERT INTO members (room, user, name, since) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
constexpr const char* delete_member = "DELETE FROM members WHERE room = ?1 AND user = ?2";

constexpr const char* merge_mark =
    "INSERT INTO read_marks (user, room, seq) SELECT ?1, no, min(?3, head) FROM rooms WHERE id = ?2 "
    "ON CONFLICT (user, room) DO UPDATE SET seq = max(seq, excluded.seq)";

constexpr const char* select_epoch = "SELECT epoch FROM log WHERE part = 0";
constexpr const char* begin_epoch = "UPDATE log SET epoch = ?1, n = 0 WHERE part = 0";

}  // namespace

std::optional<std::vector<settled_void>> batch_writer::write(const commit_batch& batch) {
    const auto n = batch.events.empty() ? 0 : std::get<placed_entry>(*batch.events.back()).n;
    if (db_.change(advance_log, batch.epoch, n) == 0) return std::nullopt;
    for (const auto& entry : batch.events)
        put(std::get<placed_entry>(*entry));
    write_back();
    for (const auto& mark : batch.marks)
        this->mark(mark);
    return std::move(repeats_);
}

void batch_writer::put(const placed_entry& entry) {
    const auto& event = entry.event;
    auto& in = room_at(event.room);
    if (event.seq <= in.head) return put_again(entry, in);
    PARLEY_ASSERT(event.seq == in.head + 1);
    auto as = fate_of(event);
    if (!insert(entry, in, as, false)) {
        as = fate_of_repeat(entry, in);
        insert(entry, in, as, true);
        repeats_.push_back({event.room, {event.seq, as.code, as.duplicate_of}});
    }
    in.head = event.seq;
    if (entry.fences) in.fence = event.seq;
    if (as.kind != change_kind::nothing) fold(event, in);
}

/// The batch was stored although its writer was told otherwise. Two changes at one place are our own fault.
void batch_writer::put_again(const placed_entry& entry, const room& in) {
    const auto& event = entry.event;
    auto row = db_.ask(select_place, in.no, event.seq);
    PARLEY_ASSERT(row.step());
    const change_id there{user_id{row.id(1)}, op_id{row.id(0)}};
    PARLEY_ASSERT(there == event.id && row.natural(2) == event.epoch);
    const bool repeat = row.number(3) != 0;
    if (repeat)
        repeats_.push_back({event.room, {event.seq, static_cast<errc>(row.number(4)), row.natural(5)}});
}

/// False: the change has a place already.
bool batch_writer::insert(const placed_entry& entry, const room& in, const fate& as, bool repeat) {
    const auto& event = entry.event;
    const bool is_void = as.kind == change_kind::nothing;
    const bool is_message = as.kind == change_kind::message;
    const auto op = repeat ? std::nullopt : std::optional{event.id.op};
    const auto repeats = repeat ? std::optional{event.id.op} : std::nullopt;
    const std::string_view name = is_void ? "" : std::string_view{event.name};
    const std::string_view text = is_void || is_message ? "" : std::string_view{event.text};
    const auto made =
        db_.change(insert_event, in.no, event.seq, event.epoch, op, event.id.author, event.author_name,
                   event.time_ms, static_cast<std::int64_t>(entry.hash), static_cast<int>(as.kind),
                   static_cast<int>(as.code), as.duplicate_of, repeats, name, text);
    if (made == 0) return false;
    if (is_message) db_.change(insert_message, db_.last_row(), in.no, event.seq, event.id.author, event.text);
    return true;
}

batch_writer::fate batch_writer::fate_of(const wire::event& event) const {
    const auto told = std::find_if(voided_.begin(), voided_.end(), [&](const settled_void& v) {
        return v.room == event.room && v.place.seq == event.seq;
    });
    if (told == voided_.end()) return {event.kind, event.code, event.duplicate_of};
    return {change_kind::nothing, told->place.code, told->place.duplicate_of};
}

batch_writer::fate batch_writer::fate_of_repeat(const placed_entry& entry, const room& in) {
    auto row = db_.ask(select_holder, entry.event.id.op, entry.event.id.author);
    PARLEY_ASSERT(row.step());
    const bool same = row.number(0) == in.no && row.natural(2) == entry.hash;
    return same ? fate{change_kind::nothing, errc::duplicate, row.natural(1)}
                : fate{change_kind::nothing, errc::conflict, 0};
}

void batch_writer::fold(const wire::event& event, room& in) {
    switch (event.kind) {
    case change_kind::create:
        if (in.created) break;
        in.created = true;
        db_.change(create_room, in.no, static_cast<int>(room_kind::channel), event.name, event.text,
                   event.id.author);
        if (!event.id.author.is_zero()) join(event, in);
        break;
    case change_kind::join: join(event, in); break;
    case change_kind::leave: in.members -= db_.change(delete_member, in.no, event.id.author); break;
    case change_kind::nothing:
    case change_kind::message: break;
    }
}

void batch_writer::join(const wire::event& event, room& in) {
    in.members += db_.change(insert_member, in.no, event.id.author, event.author_name, event.seq);
}

batch_writer::room& batch_writer::room_at(room_id id) {
    const auto [at, first] = rooms_.try_emplace(id);
    if (!first) return at->second;
    if (auto row = db_.ask(select_room, id); row.step()) {
        at->second = {row.number(0), row.number(1) != 0, row.natural(2), row.natural(3), row.number(4)};
        return at->second;
    }
    db_.change(insert_room, id);
    at->second.no = db_.last_row();
    return at->second;
}

void batch_writer::write_back() {
    for (const auto& [id, row] : rooms_)
        db_.change(update_room, row.no, row.head, row.fence, row.members);
}

void batch_writer::mark(const read_mark& mark) {
    db_.change(merge_mark, mark.user, mark.room, mark.read);
}

std::uint64_t raise_epoch(database& db, std::int64_t wall_ms, std::uint64_t chance) {
    std::uint64_t last = 0;
    if (auto row = db.ask(select_epoch); row.step()) last = row.natural(0);
    const auto next = next_epoch(last, wall_ms, chance);
    if (db.change(begin_epoch, next) != 1) throw failure{trouble::damage, "the log has no row"};
    return next;
}

}  // namespace parley::sqlite
