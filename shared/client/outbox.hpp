#pragma once

#include "shared/base/by_id.hpp"
#include "shared/client/journal.hpp"
#include "shared/client/records.hpp"

#include <string>
#include <vector>

/// Ops without a verdict, in lanes: those of one outbox in one room, in the order composed (L2, L9).
///
///     queued ── offered ─▶ sent ── its event or `placed` ─▶ placed ── committed ─▶ gone
///       ▲                   │ refused for now, cut and not found again, new epoch
///       └───────────────────┘
///     sent ── refused ─▶ refusing ── on disk ─▶ failed          queued, never offered ── discarded ─▶
///     discarding ─▶ gone
///
/// Where the disk has the op and takes no more, what refusing and discarding wait for never comes: then a
/// void is offered in its place, and they end as that does.
///
/// An op leaves its lane on its verdict alone, so offering one twice is safe and losing one is not possible.
/// What `failed` has its verdict and stands outside its lane until its author tries again, as a new op, or
/// lets it go.
namespace parley {

enum class op_stage : std::uint8_t { queued, sent, placed, refusing, discarding, failed };

struct outbox_op {
    kept_op kept;
    op_stage stage = op_stage::queued;
    std::uint64_t ordinal = 0;       ///< the order composed, over all lanes of this client
    std::uint64_t since = 0;         ///< W as held when composed; 0 if read from storage
    std::uint64_t seq = 0;           ///< where it is placed, if told
    bool offered = false;            ///< ever; so it may be anywhere
    bool overtaken = false;          ///< what followed it in its lane is stored
    std::uint32_t offer = 0;         ///< the number of the last offer on this connection
    std::uint32_t void_offer = 0;    ///< the first offer on this connection that was a discard
    std::uint32_t stale_offers = 0;  ///< answers for now to offers up to this are old news
    std::int64_t composed_ms = 0;    ///< monotonic; 0 if read from storage
    std::uint64_t batch = 0;         ///< the batch with its last change, 0 once that is answered
    std::uint64_t put_batch = 0;     ///< the batch with its first record, 0 once that is answered
    bool saved = false;              ///< is on disk, if perhaps not its last change
    bool unwritten = false;          ///< its last change could not be written
    bool renamed = false;            ///< the disk may still hold it under its former id

    [[nodiscard]] op_id id() const { return kept.id; }

    [[nodiscard]] room_id room() const { return kept.room; }

    [[nodiscard]] bool pending() const { return stage != op_stage::failed; }

    [[nodiscard]] bool unanswered() const {
        return stage == op_stage::queued || stage == op_stage::sent || stage == op_stage::placed;
    }

    /// A void is offered in its place. L9: what was overtaken had its verdict in a life that could not write
    /// it down, or has its place already.
    [[nodiscard]] bool gives_up() const { return kept.discard || overtaken; }

    /// Gives or takes one's own membership.
    [[nodiscard]] bool enters() const {
        return kept.kind == change_kind::create || kept.kind == change_kind::join;
    }
};

[[nodiscard]] bool composed_before(const outbox_op* a, const outbox_op* b);

/// How an op ended.
struct verdict {
    enum class how : std::uint8_t { stored, discarded, rejected };
    how ended = how::stored;
    errc reason = errc::none;
};

/// What stands in the log under an op's id, once that is committed.
[[nodiscard]] verdict verdict_of(change_kind kind, errc code, std::uint64_t duplicate_of);

struct lane_id {
    ulid outbox;
    room_id room;

    friend bool operator==(const lane_id& a, const lane_id& b) {
        return a.outbox == b.outbox && a.room == b.room;
    }

    friend bool operator<(const lane_id& a, const lane_id& b) {
        return a.outbox == b.outbox ? a.room < b.room : a.outbox < b.outbox;
    }
};

struct outbox_lane {
    lane_id of;
    std::vector<outbox_op*> ops;  ///< oldest first
    std::int64_t wait_until_ms = 0;
    std::uint32_t setbacks = 0;  ///< refusals for now in a row

    [[nodiscard]] const lane_id& id() const { return of; }
};

class outbox {
public:
    outbox(journal& disk, const bool& locks) : disk_(disk), locks_(locks) {}

    void own(const ulid& id, user_id user) {
        own_ = id;
        user_ = user;
    }

    [[nodiscard]] const ulid& own() const { return own_; }

    /// Locks keep others from this outbox; without them every offer counts as a repeat and no discard is
    /// local.
    [[nodiscard]] bool guarded() const { return locks_; }

    /// Null, for it is full, rather than dropping an older op. What is put has its order, and its record is
    /// on its way.
    outbox_op* put(kept_op op, std::uint64_t since, std::int64_t now_ms);

    /// From storage: counts as offered. False if it is there already or there is no space: what others have
    /// left behind has more of that than what is composed here, or it might never be sent.
    bool recall(kept_op op);

    /// After a run of `recall`: what was recalled stands in its lanes, in the order composed.
    void arrange();

    /// All ops in the order composed.
    [[nodiscard]] std::vector<outbox_op*> in_order() const;

    [[nodiscard]] outbox_op* find(op_id id) const { return ops_.find(id); }

    [[nodiscard]] const by_id<outbox_op>& ops() const { return ops_; }

    [[nodiscard]] const by_id<outbox_lane>& lanes() const { return lanes_; }

    [[nodiscard]] outbox_lane* lane_of(const outbox_op& op) const;
    [[nodiscard]] std::size_t pending() const;
    [[nodiscard]] bool empty_of(const ulid& id) const;

    /// The op has this place, which may yet turn out to be a void.
    void place(outbox_op& op, std::uint64_t seq);

    /// The server does not have it: to be sent again.
    void unknown(outbox_op& op);

    /// A plain refusal. One of rights says nothing while another offer of the same op is under way; one by
    /// validation is true of every copy.
    void rejected(outbox_op& op, errc reason, std::uint32_t offer);

    /// Takes it out of its lane. A rejected one stays as `failed`.
    void settle(outbox_op& op, const verdict& verdict);

    /// Refused without a place: said, and linked past, only when the disk has it.
    void refuse(outbox_op& op, errc reason);

    /// Local only if it was never offered; else a void will be offered in its place. A failed one goes at
    /// once.
    void discard(outbox_op& op);

    /// Says so once no other copy of it can be placed any more: a void is offered first.
    static void give_up(outbox_op& op, errc reason);

    /// What was sent in the lane is to be sent again; answers to offers so far are old news.
    void go_back(outbox_lane& lane, std::uint32_t offers);

    /// The server may have forgotten the room: all that is sent or placed there is queued again.
    void requeue(room_id room);

    /// Another id for an op that can't be sent under its own, and was never offered. It goes out when the
    /// disk has that id: whoever finds the former one would say the same twice. False where the disk can't
    /// be told.
    [[nodiscard]] bool rename(outbox_op& op, op_id id);

    /// A new connection numbers its offers anew.
    void forget_offers();

    /// Ids ever offered in the room that have no verdict, oldest first in each lane.
    [[nodiscard]] std::vector<op_id> unanswered(room_id room) const;

    void persisted(std::uint64_t batch);
    void persist_failed(const parley::persist_failed& fact);

    /// Another try for what could not be written.
    void write_again();

    void clear();

private:
    void write(outbox_op& op);
    void remove(outbox_op& op);
    [[nodiscard]] std::vector<outbox_op*> sorted(bool (*before)(const outbox_op*, const outbox_op*)) const;
    void enter_lane(outbox_op& op);
    void leave_lane(outbox_op& op);
    void finish_local(outbox_op& op);
    void offer_void(outbox_op& op);
    void erase(outbox_op& op);
    [[nodiscard]] bool fits(const kept_op& op, std::size_t most_ops, std::size_t most_bytes) const;

    journal& disk_;
    const bool& locks_;
    ulid own_;
    user_id user_;
    by_id<outbox_op> ops_;
    by_id<outbox_lane> lanes_;
    std::uint64_t next_order_ = 1;
    std::uint64_t next_ordinal_ = 1;
    std::size_t bytes_ = 0;
};

}  // namespace parley
