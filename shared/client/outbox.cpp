#include "shared/client/outbox.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"
#include "shared/base/ordered.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

std::size_t weight(const kept_op& op) {
    return op.name.size() + op.text.size() + sizeof(outbox_op);
}

/// True of every copy of the op, whoever judges it.
bool by_validation(errc code) {
    switch (code) {
    case errc::malformed:
    case errc::too_large:
    case errc::bad_text:
    case errc::bad_name:
    case errc::bad_op_id:
    case errc::empty:
    case errc::too_old: return true;
    default: return false;
    }
}

bool older(const outbox_op* a, const outbox_op* b) {
    if (!(a->kept.outbox == b->kept.outbox)) return a->kept.outbox < b->kept.outbox;
    return a->kept.order != b->kept.order ? a->kept.order < b->kept.order : a->id() < b->id();
}

}  // namespace

bool composed_before(const outbox_op* a, const outbox_op* b) {
    return a->ordinal < b->ordinal;
}

verdict verdict_of(change_kind kind, errc code, std::uint64_t duplicate_of) {
    if (kind != change_kind::nothing || duplicate_of != 0) return {verdict::how::stored, errc::none};
    if (code == errc::unchanged) return {verdict::how::stored, errc::none};
    if (code == errc::discarded) return {verdict::how::discarded, code};
    return {verdict::how::rejected, code};
}

bool outbox::fits(const kept_op& op, std::size_t most_ops, std::size_t most_bytes) const {
    return ops_.size() < most_ops && bytes_ + weight(op) <= most_bytes && !find(op.id);
}

outbox_op* outbox::put(kept_op op, std::uint64_t since, std::int64_t now_ms) {
    if (!fits(op, limits::outbox_ops, limits::outbox_bytes)) return nullptr;
    op.outbox = own_;
    op.user = user_;
    op.order = next_order_++;
    bytes_ += weight(op);
    auto held = std::make_unique<outbox_op>();
    held->kept = std::move(op);
    held->since = since;
    held->composed_ms = now_ms;
    held->ordinal = next_ordinal_++;
    auto& at = ops_.put(std::move(held));
    enter_lane(at);
    write(at);
    return &at;
}

bool outbox::recall(kept_op op) {
    if (!fits(op, limits::recalled_ops, limits::recalled_bytes)) return false;
    bytes_ += weight(op);
    if (op.outbox == own_) next_order_ = std::max(next_order_, op.order + 1);
    auto held = std::make_unique<outbox_op>();
    held->kept = std::move(op);
    held->offered = true;
    held->saved = true;
    if (held->kept.failed != errc::none) held->stage = op_stage::failed;
    ops_.put(std::move(held));
    return true;
}

void outbox::arrange() {
    for (auto* op : sorted(older)) {
        if (op->ordinal != 0) continue;
        op->ordinal = next_ordinal_++;
        if (op->pending()) enter_lane(*op);
    }
}

std::vector<outbox_op*> outbox::in_order() const {
    return sorted(composed_before);
}

std::vector<outbox_op*> outbox::sorted(bool (*before)(const outbox_op*, const outbox_op*)) const {
    std::vector<outbox_op*> all;
    all.reserve(ops_.size());
    for (const auto& op : ops_)
        all.push_back(op.get());
    sort(all, before);
    return all;
}

outbox_lane* outbox::lane_of(const outbox_op& op) const {
    return lanes_.find(lane_id{op.kept.outbox, op.room()});
}

std::size_t outbox::pending() const {
    return static_cast<std::size_t>(
        std::count_if(ops_.begin(), ops_.end(), [](const auto& op) { return op->pending(); }));
}

bool outbox::empty_of(const ulid& id) const {
    return std::none_of(ops_.begin(), ops_.end(), [&](const auto& op) { return op->kept.outbox == id; });
}

void outbox::place(outbox_op& op, std::uint64_t seq) {
    if (!op.unanswered()) return;
    op.stage = op_stage::placed;
    op.seq = seq;
    op.offered = true;
    if (auto* lane = lane_of(op)) lane->setbacks = 0, lane->wait_until_ms = 0;
}

void outbox::unknown(outbox_op& op) {
    if (!op.unanswered()) return;
    op.stage = op_stage::queued;
    op.seq = 0;
}

void outbox::rejected(outbox_op& op, errc reason, std::uint32_t offer) {
    if (!op.unanswered()) return;
    const bool last = offer == op.offer;
    const bool of_void = op.kept.discard && op.void_offer != 0 && offer >= op.void_offer;
    if (by_validation(reason) || (last && op.kept.discard == of_void)) refuse(op, reason);
}

void outbox::settle(outbox_op& op, const verdict& verdict) {
    const auto* lane = verdict.ended == verdict::how::stored ? lane_of(op) : nullptr;
    if (lane && op.pending())
        for (auto it = lane->ops.begin(); *it != &op; ++it)
            (*it)->overtaken = true;
    leave_lane(op);
    const bool discarded = verdict.ended == verdict::how::discarded;
    const bool refused_before = discarded && op.kept.failed != errc::none;
    // A void that its author never asked for: another life was refused, and could not write that down.
    const bool unasked = discarded && !op.kept.discard && op.kept.kind == change_kind::message;
    if (verdict.ended != verdict::how::rejected && !refused_before && !unasked) {
        disk_.drop(key_of(op.kept), true);
        return erase(op);
    }
    op.stage = op_stage::failed;
    if (op.kept.failed == errc::none)
        op.kept.failed = verdict.reason == errc::none ? errc::store_refused : verdict.reason;
    op.kept.discard = false;
    write(op);
}

void outbox::refuse(outbox_op& op, errc reason) {
    if (!op.unanswered()) return;
    const bool refused_before = op.kept.failed != errc::none;
    const bool let_go = op.kept.discard && !refused_before;
    op.stage = let_go ? op_stage::discarding : op_stage::refusing;
    if (!refused_before) op.kept.failed = reason;
    let_go ? remove(op) : write(op);
    if (op.batch == 0) finish_local(op);
}

void outbox::discard(outbox_op& op) {
    if (op.stage == op_stage::failed) {
        disk_.drop(key_of(op.kept), true);
        return erase(op);
    }
    if (!op.unanswered() || op.kept.discard) return;
    if (!op.offered && locks_) {
        op.stage = op_stage::discarding;
        remove(op);
        if (op.batch == 0) finish_local(op);
        return;
    }
    offer_void(op);
    write(op);
}

void outbox::give_up(outbox_op& op, errc reason) {
    op.kept.failed = reason;
    op.kept.discard = true;
    op.void_offer = 0;
}

void outbox::offer_void(outbox_op& op) {
    op.kept.discard = true;
    op.offered = true;
    op.void_offer = 0;
    if (op.stage == op_stage::placed) return;
    op.stage = op_stage::queued;
    if (auto* lane = lane_of(op))
        for (auto* other : lane->ops)
            if (other->stage == op_stage::sent) other->stage = op_stage::queued;
}

void outbox::go_back(outbox_lane& lane, std::uint32_t offers) {
    for (auto* op : lane.ops) {
        if (op->stage == op_stage::sent) op->stage = op_stage::queued;
        op->stale_offers = offers;
    }
}

void outbox::requeue(room_id room) {
    for (auto& op : ops_)
        if (op->room() == room && (op->stage == op_stage::sent || op->stage == op_stage::placed))
            unknown(*op);
}

bool outbox::rename(outbox_op& op, op_id id) {
    PARLEY_ASSERT(!find(id));
    if (disk_.memory_only() && (op.saved || op.renamed)) return false;
    disk_.drop(key_of(op.kept), true);
    auto held = ops_.take(op);
    held->kept.id = id;
    held->renamed = !disk_.memory_only();
    write(ops_.put(std::move(held)));
    return true;
}

void outbox::forget_offers() {
    for (auto& op : ops_)
        op->offer = op->void_offer = op->stale_offers = 0;
    for (auto& lane : lanes_)
        lane->setbacks = 0, lane->wait_until_ms = 0;
}

std::vector<op_id> outbox::unanswered(room_id room) const {
    std::vector<op_id> ids;
    for (const auto& lane : lanes_) {
        if (!(lane->of.room == room)) continue;
        for (const auto* op : lane->ops)
            if (op->offered && op->unanswered()) ids.push_back(op->id());
    }
    return ids;
}

void outbox::persisted(std::uint64_t batch) {
    std::vector<outbox_op*> answered;
    for (auto& op : ops_) {
        if (op->put_batch != 0 && op->put_batch <= batch) op->saved = true, op->put_batch = 0;
        if (op->batch != 0 && op->batch <= batch) answered.push_back(op.get());
    }
    for (auto* op : answered) {
        op->batch = 0;
        op->renamed = false;
        finish_local(*op);
    }
    write_again();
}

void outbox::persist_failed(const parley::persist_failed& fact) {
    std::vector<outbox_op*> failed;
    for (auto& op : ops_) {
        if (op->put_batch == fact.batch) op->put_batch = op->batch == fact.batch ? 0 : op->batch;
        if (disk_.memory_only() || (op->batch != 0 && op->batch == fact.batch)) failed.push_back(op.get());
    }
    for (auto* op : failed) {
        op->batch = 0;
        op->unwritten = true;
        if (!disk_.memory_only()) continue;
        const bool two_names = std::exchange(op->renamed, false) && op->unanswered();
        two_names ? refuse(*op, errc::bad_op_id) : finish_local(*op);
    }
}

void outbox::write_again() {
    if (disk_.memory_only()) return;
    for (auto& op : ops_)
        if (op->unwritten) op->stage == op_stage::discarding ? remove(*op) : write(*op);
}

void outbox::finish_local(outbox_op& op) {
    if (op.stage != op_stage::refusing && op.stage != op_stage::discarding) return;
    if (op.saved && disk_.memory_only() && !op.kept.discard && !by_validation(op.kept.failed)) {
        // What the disk holds can't be changed any more, and whoever finds it would send it: a void comes
        // first.
        if (op.stage == op_stage::discarding) op.kept.failed = errc::none;
        return offer_void(op);
    }
    leave_lane(op);
    if (op.stage == op_stage::discarding) return erase(op);
    op.stage = op_stage::failed;
    op.kept.discard = false;
}

void outbox::write(outbox_op& op) {
    auto record = to_record(op.kept);
    op.batch = disk_.put(std::move(record.key), std::move(record.value), true);
    if (!op.saved && op.put_batch == 0) op.put_batch = op.batch;
    op.unwritten = false;
}

void outbox::remove(outbox_op& op) {
    op.batch = disk_.drop(key_of(op.kept), true);
    op.unwritten = false;
}

void outbox::enter_lane(outbox_op& op) {
    auto* lane = lane_of(op);
    if (!lane) {
        auto fresh = std::make_unique<outbox_lane>();
        fresh->of = {op.kept.outbox, op.room()};
        lane = &lanes_.put(std::move(fresh));
    }
    lane->ops.push_back(&op);
}

void outbox::leave_lane(outbox_op& op) {
    auto* lane = lane_of(op);
    if (!lane) return;
    auto& ops = lane->ops;
    ops.erase(std::remove(ops.begin(), ops.end(), &op), ops.end());
    lane->setbacks = 0;
    lane->wait_until_ms = 0;
    if (ops.empty()) lanes_.take(*lane);
}

void outbox::erase(outbox_op& op) {
    bytes_ -= weight(op.kept);
    ops_.take(op);
}

void outbox::clear() {
    ops_.clear();
    lanes_.clear();
    bytes_ = 0;
}

}  // namespace parley
