#include "server/store/postgres_commit.hpp"

#include "server/store/epoch.hpp"
#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

#include <algorithm>
#include <variant>

namespace parley::postgres {

namespace {

constexpr const char* lock_log = "SELECT epoch, n FROM log WHERE part = 0 FOR UPDATE";
constexpr const char* advance = "UPDATE log SET n = $3 WHERE part = 0 AND epoch = $1 AND n = $2";
constexpr const char* advance_and_hold =
    "UPDATE log SET n = $3, holder = $4, until = clock_timestamp() + $5::bigint * interval '1 ms' "
    "WHERE part = 0 AND epoch = $1 AND n = $2";
constexpr const char* begin_epoch =
    "UPDATE log SET epoch = $1, n = 0, incarnation = $2, began = now(), holder = NULL, until = NULL "
    "WHERE part = 0";
constexpr const char* insert_epoch = "INSERT INTO epochs (epoch, incarnation) VALUES ($1, $2)";

constexpr const char* select_stored =
    "SELECT r.id, e.seq, coalesce(e.op, e.repeats), e.author, e.epoch, e.kind, e.code, e.duplicate_of FROM "
    "unnest($1::uuid[], $2::bigint[]) AS g(room, seq) "
    "JOIN rooms r ON r.id = g.room JOIN events e ON e.room = r.no AND e.seq = g.seq ORDER BY r.id, e.seq";

constexpr const char* select_rooms =
    "SELECT r.id, r.no, r.kind, r.head, r.fence, r.members FROM unnest($1::uuid[]) AS g(id) "
    "JOIN rooms r ON r.id = g.id";
constexpr const char* insert_rooms =
    "INSERT INTO rooms (id, kind, name, topic, creator, head, fence, members) "
    "SELECT g.id, 0, '', '', '00000000-0000-0000-0000-000000000000', 0, 0, 0 "
    "FROM unnest($1::uuid[]) AS g(id) RETURNING id, no";
constexpr const char* create_rooms =
    "UPDATE rooms AS r SET kind = $1, name = g.name, topic = g.topic, creator = g.creator "
    "FROM unnest($2::bigint[], $3::text[], $4::text[], $5::uuid[]) AS g(no, name, topic, creator) "
    "WHERE r.no = g.no";
constexpr const char* update_rooms =
    "UPDATE rooms AS r SET head = g.head, fence = g.fence, members = g.members "
    "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS g(no, head, fence, members) "
    "WHERE r.no = g.no";

constexpr const char* select_holders =
    "SELECT e.op, e.author, e.room, e.seq, e.hash FROM unnest($1::uuid[], $2::uuid[]) AS g(op, author) "
    "JOIN events e ON e.op = g.op AND e.author = g.author";

constexpr const char* insert_events =
    "WITH given AS MATERIALIZED (SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], "
    "$5::bigint[], $6::bigint[], $7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[], $11::bigint[], "
    "$12::text[], $13::text[], $14::text[]) AS g(room, seq, time_ms, hash, duplicate_of, op, author, "
    "repeats, kind, code, author_name, name, text)), "
    "placed AS (INSERT INTO events (room, seq, epoch, time_ms, hash, duplicate_of, op, author, repeats, "
    "kind, code, author_name, name, text) SELECT room, seq, $1::bigint, time_ms, hash, duplicate_of, op, "
    "author, repeats, kind, code, author_name, name, CASE WHEN kind = 4 THEN '' ELSE text END FROM given) "
    "INSERT INTO messages (room, seq, author, text) SELECT room, seq, author, text FROM given WHERE kind = 4";
static_assert(static_cast<int>(change_kind::message) == 4);

constexpr const char* merge_marks =
    "INSERT INTO read_marks (\"user\", room, seq) SELECT g.who, r.no, least(max(g.seq), r.head) "
    "FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS g(who, room, seq) JOIN rooms r ON r.id = g.room "
    "GROUP BY g.who, r.no, r.head "
    "ON CONFLICT (\"user\", room) DO UPDATE SET seq = greatest(read_marks.seq, excluded.seq)";

bool changes_members(change_kind kind) {
    return kind == change_kind::create || kind == change_kind::join || kind == change_kind::leave;
}

}  // namespace

std::optional<std::vector<settled_void>> batch_writer::write(const commit_batch& batch) {
    std::uint64_t from = 0;
    {
        auto log = db_.ask(lock_log);
        if (!log.step()) throw failure{trouble::damage, "the log has no row"};
        if (log.natural(0) != batch.epoch) return std::nullopt;
        from = log.natural(1);
    }
    if (batch.behind > from)
        throw failure{trouble::other, "it went back to entry " + std::to_string(from) + ", and " +
                                          std::to_string(batch.behind) + " was stored"};
    entries again, fresh;
    for (const auto& entry : batch.events) {
        const auto& placed = std::get<placed_entry>(*entry);
        (placed.n <= from ? again : fresh).push_back(&placed);
    }
    if (!again.empty()) read_stored(again);
    if (!fresh.empty()) {
        read_rooms(fresh);
        read_holders(fresh);
        read_members(fresh);
        write_events(fresh);
        members_.write();
        write_rooms();
    }
    if (!batch.marks.empty()) write_marks(batch.marks);
    const auto to = fresh.empty() ? from : fresh.back()->n;
    advance_log(batch, from, to);
    return std::move(voids_);
}

void batch_writer::advance_log(const commit_batch& batch, std::uint64_t from, std::uint64_t to) {
    const bool holds = !process_.empty() && !batch.events.empty();
    const auto advanced =
        holds ? db_.change(advance_and_hold, batch.epoch, from, to, process_, limits::lease_ms)
              : db_.change(advance, batch.epoch, from, to);
    PARLEY_ASSERT(advanced == 1);
}

/// The batch was stored although its writer was told otherwise, or by another writer. Two changes at one
/// place are our own fault.
void batch_writer::read_stored(const entries& again) {
    column ids{column::of::ids}, seqs{column::of::numbers};
    std::map<std::pair<room_id, std::uint64_t>, const wire::event*> expected;
    for (const auto* entry : again) {
        ids.add(entry->event.room);
        seqs.add(entry->event.seq);
        expected[{entry->event.room, entry->event.seq}] = &entry->event;
    }
    std::size_t found = 0;
    for (auto row = db_.ask(select_stored, ids, seqs); row.step(); ++found) {
        const room_id id{row.id(0)};
        const auto seq = row.natural(1);
        const auto* event = expected.at({id, seq});
        const change_id there{user_id{row.id(3)}, op_id{row.id(2)}};
        PARLEY_ASSERT(there == event->id && row.natural(4) == event->epoch);
        const bool is_void = static_cast<change_kind>(row.number(5)) == change_kind::nothing;
        if (is_void && event->kind != change_kind::nothing)
            voids_.push_back({id, {seq, static_cast<errc>(row.number(6)), row.natural(7)}});
    }
    PARLEY_ASSERT(found == again.size());
}

void batch_writer::read_rooms(const entries& fresh) {
    column ids{column::of::ids};
    for (const auto* entry : fresh) {
        const bool first = rooms_.try_emplace(entry->event.room).second;
        if (first) ids.add(entry->event.room);
    }
    for (auto row = db_.ask(select_rooms, ids); row.step();)
        rooms_[room_id{row.id(0)}] = {row.number(1),  row.number(2) != 0, row.natural(3),
                                      row.natural(4), row.number(5),      nullptr};
    std::vector<room_id> missing;
    for (const auto& [id, in] : rooms_)
        if (in.no == 0) missing.push_back(id);
    if (!missing.empty()) make_rooms(missing);
}

void batch_writer::make_rooms(const std::vector<room_id>& missing) {
    column ids{column::of::ids};
    for (const auto& id : missing)
        ids.add(id);
    for (auto row = db_.ask(insert_rooms, ids); row.step();)
        rooms_[room_id{row.id(0)}].no = row.number(1);
}

void batch_writer::read_holders(const entries& fresh) {
    column ops{column::of::ids}, authors{column::of::ids};
    for (const auto* entry : fresh) {
        ops.add(entry->event.id.op);
        authors.add(entry->event.id.author);
    }
    for (auto row = db_.ask(select_holders, ops, authors); row.step();)
        holders_[{user_id{row.id(1)}, op_id{row.id(0)}}] = {row.number(2), row.natural(3), row.natural(4)};
}

void batch_writer::read_members(const entries& fresh) {
    std::vector<member_fold::place> touched;
    for (const auto* entry : fresh) {
        const auto& event = entry->event;
        if (changes_members(event.kind)) touched.emplace_back(rooms_[event.room].no, event.id.author);
    }
    members_.read(touched);
}

batch_writer::fate batch_writer::fate_of(const placed_entry& entry, const room& in) {
    const auto& event = entry.event;
    const auto [at, first] = holders_.try_emplace(event.id, holder{in.no, event.seq, entry.hash});
    if (!first) {
        const auto& stands = at->second;
        const bool same = stands.room == in.no && stands.hash == entry.hash;
        const fate as{change_kind::nothing, same ? errc::duplicate : errc::conflict, same ? stands.seq : 0,
                      true};
        voids_.push_back({event.room, {event.seq, as.code, as.duplicate_of}});
        return as;
    }
    const auto told = std::find_if(voided_.begin(), voided_.end(), [&](const settled_void& v) {
        return v.room == event.room && v.place.seq == event.seq;
    });
    if (told == voided_.end()) return {event.kind, event.code, event.duplicate_of, false};
    if (!process_.empty()) voids_.push_back(*told);
    return {change_kind::nothing, told->place.code, told->place.duplicate_of, false};
}

void batch_writer::fold(const wire::event& event, room& in) {
    switch (event.kind) {
    case change_kind::create:
        if (in.created) break;
        in.created = true;
        in.creation = &event;
        if (!event.id.author.is_zero()) join(event, in);
        break;
    case change_kind::join: join(event, in); break;
    case change_kind::leave: in.members -= members_.leave({in.no, event.id.author}); break;
    case change_kind::nothing:
    case change_kind::message: break;
    }
}

void batch_writer::join(const wire::event& event, room& in) {
    in.members += members_.join({in.no, event.id.author}, event);
}

void batch_writer::write_events(const entries& fresh) {
    using of = column::of;
    column rooms{of::numbers}, seqs{of::numbers}, times{of::numbers}, hashes{of::numbers},
        duplicates{of::numbers}, ops{of::ids}, authors{of::ids}, repeats{of::ids}, kinds{of::numbers},
        codes{of::numbers}, author_names{of::texts}, names{of::texts}, texts{of::texts};
    for (const auto* entry : fresh) {
        const auto& event = entry->event;
        auto& in = rooms_[event.room];
        PARLEY_ASSERT(event.seq == in.head + 1);
        const auto as = fate_of(*entry, in);
        const bool is_void = as.kind == change_kind::nothing;
        rooms.add(in.no);
        seqs.add(event.seq);
        times.add(event.time_ms);
        hashes.add(static_cast<std::int64_t>(entry->hash));
        duplicates.add(as.duplicate_of);
        as.repeats ? ops.add_null() : ops.add(event.id.op);
        authors.add(event.id.author);
        as.repeats ? repeats.add(event.id.op) : repeats.add_null();
        kinds.add(static_cast<std::int64_t>(as.kind));
        codes.add(static_cast<std::int64_t>(as.code));
        author_names.add(event.author_name);
        names.add(is_void ? std::string_view{} : event.name);
        texts.add(is_void ? std::string_view{} : event.text);
        in.head = event.seq;
        if (entry->fences) in.fence = event.seq;
        if (!is_void) fold(event, in);
    }
    db_.change(insert_events, fresh.front()->event.epoch, rooms, seqs, times, hashes, duplicates, ops,
               authors, repeats, kinds, codes, author_names, names, texts);
}

void batch_writer::write_rooms() {
    using of = column::of;
    column nos{of::numbers}, heads{of::numbers}, fences{of::numbers}, members{of::numbers};
    column created{of::numbers}, names{of::texts}, topics{of::texts}, creators{of::ids};
    bool any_created = false;
    for (const auto& [id, in] : rooms_) {
        nos.add(in.no);
        heads.add(in.head);
        fences.add(in.fence);
        members.add(in.members);
        if (!in.creation) continue;
        any_created = true;
        created.add(in.no);
        names.add(in.creation->name);
        topics.add(in.creation->text);
        creators.add(in.creation->id.author);
    }
    if (any_created)
        db_.change(create_rooms, static_cast<int>(room_kind::channel), created, names, topics, creators);
    db_.change(update_rooms, nos, heads, fences, members);
}

void batch_writer::write_marks(const std::vector<read_mark>& marks) {
    column users{column::of::ids}, rooms{column::of::ids}, seqs{column::of::numbers};
    for (const auto& mark : marks) {
        users.add(mark.user);
        rooms.add(mark.room);
        seqs.add(mark.read);
    }
    db_.change(merge_marks, users, rooms, seqs);
}

std::uint64_t raise_epoch(connection& db, std::int64_t wall_ms, std::uint64_t chance) {
    auto log = db.ask(lock_log);
    if (!log.step()) throw failure{trouble::damage, "the log has no row"};
    const auto next = next_epoch(log.natural(0), wall_ms, chance);
    const std::string alone;
    db.change(begin_epoch, next, alone);
    db.change(insert_epoch, next, alone);
    return next;
}

}  // namespace parley::postgres
