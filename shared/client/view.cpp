#include "shared/client/view.hpp"

#include "shared/base/ordered.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

row_view from_event(const wire::event& event, const onlooker& who) {
    row_view row;
    row.change = event.id;
    row.seq = event.seq;
    row.mine = event.id.author == who.self;
    row.kind = event.kind;
    row.author_name = event.author_name.empty() && row.mine ? who.name : event.author_name;
    row.name = event.name;
    row.text = event.text;
    row.time_ms = event.time_ms;
    return row;
}

/// The log's rows are there already, in order.
void put_in_place(room_view& view, row_view row) {
    const auto before = [](const row_view& a, const row_view& b) {
        return a.seq != b.seq ? a.seq < b.seq : a.ordinal < b.ordinal;
    };
    insert_ordered(view.rows, std::move(row), before);
}

/// One's own that are drawn at their place, so that they are not drawn a second time as waiting for one.
class own_rows {
public:
    own_rows(const outbox& box, const onlooker& who) : box_(box), who_(who) {}

    /// False if the outbox says that the op is not at this place, or not any more. A committed place is
    /// beyond doubt.
    bool settle(row_view& row) {
        if (!row.mine) return true;
        if (!row.committed) row.state = op_state::sent;
        auto* op = box_.find(row.change.op);
        if (!op) return true;
        if (!row.committed && op->stage != op_stage::placed) return false;
        if (!row.committed) row.saved = op->saved && !who_.memory_only;
        if (!row.committed && op->kept.discard) row.reason = errc::discarded;
        drawn_.push_back(op);
        return true;
    }

    [[nodiscard]] bool drawn(const outbox_op* op) const {
        return std::find(drawn_.begin(), drawn_.end(), op) != drawn_.end();
    }

private:
    const outbox& box_;
    const onlooker& who_;
    std::vector<outbox_op*> drawn_;
};

void draw_log(room_view& view, const held_room& room, own_rows& own, const onlooker& who) {
    for (const auto& event : room.log.rows()) {
        if (event.kind == change_kind::nothing) continue;
        auto row = from_event(event, who);
        row.committed = event.seq <= room.log.w();
        row.dimmed = !row.committed && room.log.link_lost();
        if (own.settle(row)) view.rows.push_back(std::move(row));
    }
}

void draw_faded(room_view& view, const held_room& room, own_rows& own, const onlooker& who) {
    for (const auto& faded : room.log.faded()) {
        auto row = from_event(faded.event, who);
        const auto has_landed = [&](const wire::event& e) { return e.id == row.change; };
        if (std::any_of(room.landed.begin(), room.landed.end(), has_landed)) continue;
        row.ordinal = faded.ordinal;
        row.dimmed = !faded.withdrawn;
        row.withdrawn = faded.withdrawn;
        row.reason = faded.reason;
        if (own.settle(row)) put_in_place(view, std::move(row));
    }
}

void draw_landed(room_view& view, const held_room& room, const onlooker& who) {
    for (const auto& event : room.landed) {
        auto row = from_event(event, who);
        row.committed = true;
        put_in_place(view, std::move(row));
    }
}

/// They have no place, so they stand last, in the order composed.
void draw_waiting(room_view& view, const held_room& room, const outbox& box, const own_rows& own,
                  const onlooker& who) {
    for (const auto* op : box.in_order()) {
        if (!(op->room() == room.facts.id) || own.drawn(op)) continue;
        if (op->kept.kind != change_kind::message && op->stage != op_stage::failed) continue;
        view.rows.push_back(draw_op(*op, who));
    }
}

}  // namespace

op_state state_of(const outbox_op& op, const onlooker& who) {
    switch (op.stage) {
    case op_stage::queued: return op_state::queued;
    case op_stage::sent: return who.live ? op_state::sending : op_state::queued;
    case op_stage::placed: return op_state::sent;
    case op_stage::refusing:
    case op_stage::discarding: return op_state::sending;
    case op_stage::failed: return op_state::failed;
    }
    return op_state::queued;
}

row_view draw_op(const outbox_op& op, const onlooker& who) {
    row_view row;
    row.change = {who.self, op.id()};
    row.room = op.room();
    row.ordinal = op.ordinal;
    row.mine = true;
    row.state = state_of(op, who);
    row.reason = op.stage == op_stage::failed ? op.kept.failed
                 : op.kept.discard            ? errc::discarded
                                              : errc::none;
    row.saved = op.saved && !who.memory_only;
    row.kind = op.kept.kind;
    row.author_name = who.name;
    row.name = op.kept.name;
    row.text = op.kept.text;
    row.time_ms = op.id().value.time_ms();
    return row;
}

void draw_summary(room_view& view, const held_room& room, const outbox& box, const drafts& typed,
                  const onlooker& who) {
    view.id = room.facts.id;
    view.name = room.facts.name;
    view.topic = room.facts.topic;
    view.head = room.log.head();
    view.w = room.log.w();
    view.read = room.facts.read;
    view.members = room.facts.members;
    view.unread = room.facts.unread(room.log, who.self);
    view.joined = room.facts.joined;
    view.joining = false;
    for (const auto& op : box.ops())
        if (op->room() == room.facts.id && op->enters() && op->pending()) view.joining = !room.facts.joined;
    view.may_leave = room.facts.may_leave;
    view.caught_up = room.follows == following::live;
    view.held_from = room.log.held_from();
    view.loading_older = room.older != asking::no;
    const auto* draft = typed.find(room.facts.id);
    view.draft = draft ? draft->text : std::string();
}

void draw_rows(room_view& view, const held_room& room, const outbox& box, const onlooker& who) {
    view.rows.clear();
    view.rows.reserve(room.log.rows().size() + 8);
    own_rows own{box, who};
    draw_log(view, room, own, who);
    draw_faded(view, room, own, who);
    draw_landed(view, room, who);
    draw_waiting(view, room, box, own, who);
}

}  // namespace parley
