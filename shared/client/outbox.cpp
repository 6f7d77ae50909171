#include "shared/client/outbox.hpp"

#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"

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
    case errc::empty: return true;
    default: return false;
    }
}

bool older(const outbox_op* a, const outbox_op* b) {
    if (!(a->kept.outbox == b->kept.outbox)) return a->kept.outbox < b->kept.outbox;
    return a->kept.order != b->kept.order ? a->kept.order < b->kept.order : a->id() < b->id();
}

bool composed_before(const outbox_op* a, const outbox_op* b) {
    return a->ordinal < b->ordinal;
}

}  // namespace

verdict verdict_of(change_kind kind, errc code, std::uint64_t duplicate_of) {
    if (kind != change_kind::nothing || duplicate_of != 0) return {verdict::how::stored, errc::none};
    if (code == errc::unchanged) return {verdict::how::stored, errc::none};
    if (code == errc::discarded) return {verdict::how::discarded, code};
    return {verdict::how::rejected, code};
}

bool outbox::fits(const kept_op& op) const {
    return ops_.size() < limits::outbox_ops && bytes_ + weight(op) <= limits::outbox_bytes;
}

result<outbox_op*> outbox::put(kept_op op, std::uint64_t since, std::int64_t now_ms) {
    if (!fits(op) || ops_.count(op.id) > 0) return fail(errc::outbox_full);
    op.outbox = own_;
    op.order = next_order_++;
    bytes_ += weight(op);
    auto held = std::make_unique<outbox_op>();
    held->kept = std::move(op);
    held->since = since;
    held->composed_ms = now_ms;
    held->ordinal = next_ordinal_++;
    auto* at = held.get();
    ops_[at->id()] = std::move(held);
    lanes_[{own_, at->room()}].ops.push_back(at);
    write(*at);
    return at;
}

bool outbox::recall(kept_op op) {
    if (!fits(op) || ops_.count(op.id) > 0) return false;
    bytes_ += weight(op);
    if (op.outbox == own_) next_order_ = std::max(next_order_, op.order + 1);
    auto held = std::make_unique<outbox_op>();
    held->kept = std::move(op);
    held->offered = true;
    held->saved = true;
    if (held->kept.failed != errc::none) held->stage = op_stage::failed;
    const auto id = held->id();
    ops_[id] = std::move(held);
    return true;
}

void outbox::arrange() {
    for (auto* op : sorted(older)) {
        if (op->ordinal != 0) continue;
        op->ordinal = next_ordinal_++;
        if (op->pending()) lanes_[{op->kept.outbox, op->room()}].ops.push_back(op);
    }
}

std::vector<outbox_op*> outbox::in_order() const {
    return sorted(composed_before);
}

std::vector<outbox_op*> outbox::sorted(bool (*before)(const outbox_op*, const outbox_op*)) const {
    std::vector<outbox_op*> all;
    all.reserve(ops_.size());
    for (const auto& entry : ops_)
        all.push_back(entry.second.get());
    std::sort(all.begin(), all.end(), before);
    return all;
}

outbox_op* outbox::find(op_id id) {
    const auto it = ops_.find(id);
    return it == ops_.end() ? nullptr : it->second.get();
}

outbox_lane* outbox::lane_of(const outbox_op& op) {
    const auto it = lanes_.find({op.kept.outbox, op.room()});
    return it == lanes_.end() ? nullptr : &it->second;
}

std::size_t outbox::pending() const {
    return static_cast<std::size_t>(
        std::count_if(ops_.begin(), ops_.end(), [](const auto& entry) { return entry.second->pending(); }));
}

bool outbox::empty_of(const ulid& id) const {
    return std::none_of(ops_.begin(), ops_.end(),
                        [&](const auto& entry) { return entry.second->kept.outbox == id; });
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
    leave_lane(op);
    if (verdict.ended != verdict::how::rejected) {
        disk_.drop(key_of(op.kept), true);
        return erase(op);
    }
    op.stage = op_stage::failed;
    op.kept.failed = verdict.reason == errc::none ? errc::store_refused : verdict.reason;
    op.kept.discard = false;
    write(op);
}

void outbox::refuse(outbox_op& op, errc reason) {
    if (!op.unanswered()) return;
    const bool let_go = op.kept.discard;
    op.stage = let_go ? op_stage::discarding : op_stage::refusing;
    op.kept.failed = reason;
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
    op.kept.discard = true;
    op.offered = true;
    op.void_offer = 0;
    if (op.stage != op_stage::placed) {
        op.stage = op_stage::queued;
        if (auto* lane = lane_of(op))
            for (auto* other : lane->ops)
                if (other->stage == op_stage::sent) other->stage = op_stage::queued;
    }
    write(op);
}

void outbox::go_back(outbox_lane& lane, std::uint32_t offers) {
    for (auto* op : lane.ops) {
        if (op->stage == op_stage::sent) op->stage = op_stage::queued;
        op->stale_offers = offers;
    }
}

void outbox::requeue(room_id room) {
    for (auto& [id, op] : ops_)
        if (op->room() == room && (op->stage == op_stage::sent || op->stage == op_stage::placed))
            unknown(*op);
}

void outbox::rename(outbox_op& op, op_id id) {
    PARLEY_ASSERT(ops_.count(id) == 0);
    disk_.drop(key_of(op.kept), true);
    auto held = std::move(ops_[op.id()]);
    ops_.erase(op.id());
    held->kept.id = id;
    write(*held);
    ops_[id] = std::move(held);
}

void outbox::forget_offers() {
    for (auto& [id, op] : ops_)
        op->offer = op->void_offer = op->stale_offers = 0;
    for (auto& [key, lane] : lanes_)
        lane.setbacks = 0, lane.wait_until_ms = 0;
}

std::vector<op_id> outbox::unanswered(room_id room) const {
    std::vector<op_id> ids;
    for (const auto& [key, lane] : lanes_) {
        if (!(key.second == room)) continue;
        for (const auto* op : lane.ops)
            if (op->offered && op->unanswered()) ids.push_back(op->id());
    }
    return ids;
}

void outbox::persisted(std::uint64_t batch) {
    std::vector<outbox_op*> answered;
    for (auto& [id, op] : ops_)
        if (op->batch != 0 && op->batch <= batch) answered.push_back(op.get());
    for (auto* op : answered) {
        op->batch = 0;
        op->saved = true;
        finish_local(*op);
    }
    write_again();
}

void outbox::persist_failed(const parley::persist_failed& fact) {
    std::vector<outbox_op*> failed;
    for (auto& [id, op] : ops_)
        if (op->batch != 0 && (op->batch == fact.batch || disk_.memory_only())) failed.push_back(op.get());
    for (auto* op : failed) {
        op->batch = 0;
        op->unwritten = true;
        if (disk_.memory_only()) finish_local(*op);
    }
}

void outbox::write_again() {
    if (disk_.memory_only()) return;
    for (auto& [id, op] : ops_)
        if (op->unwritten) op->stage == op_stage::discarding ? remove(*op) : write(*op);
}

void outbox::finish_local(outbox_op& op) {
    if (op.stage != op_stage::refusing && op.stage != op_stage::discarding) return;
    leave_lane(op);
    if (op.stage == op_stage::discarding) return erase(op);
    op.stage = op_stage::failed;
}

void outbox::write(outbox_op& op) {
    auto record = to_record(op.kept);
    op.batch = disk_.put(std::move(record.key), std::move(record.value), true);
    op.unwritten = false;
}

void outbox::remove(outbox_op& op) {
    op.batch = disk_.drop(key_of(op.kept), true);
    op.unwritten = false;
}

void outbox::leave_lane(outbox_op& op) {
    const auto it = lanes_.find({op.kept.outbox, op.room()});
    if (it == lanes_.end()) return;
    auto& ops = it->second.ops;
    ops.erase(std::remove(ops.begin(), ops.end(), &op), ops.end());
    it->second.setbacks = 0;
    it->second.wait_until_ms = 0;
    if (ops.empty()) lanes_.erase(it);
}

void outbox::erase(outbox_op& op) {
    bytes_ -= weight(op.kept);
    ops_.erase(op.id());
}

const kept_draft* outbox::draft(room_id room) const {
    const auto it = drafts_.find(room);
    return it == drafts_.end() ? nullptr : &it->second;
}

void outbox::save_draft(room_id room, std::string text, op_id fresh) {
    if (text.empty()) return drop_draft(room);
    const auto it = drafts_.find(room);
    kept_draft draft{own_, it == drafts_.end() ? fresh : it->second.id, room, std::move(text)};
    auto record = to_record(draft);
    disk_.put(std::move(record.key), std::move(record.value), false);
    drafts_[room] = std::move(draft);
}

void outbox::recall_draft(kept_draft draft) {
    const auto room = draft.room;
    if (draft.outbox == own_) {
        drafts_[room] = std::move(draft);
        return;
    }
    disk_.drop(key_of(draft), false);
    const auto* mine = this->draft(room);
    auto text = mine ? mine->text + "\n" + draft.text : std::move(draft.text);
    save_draft(room, std::move(text), draft.id);
}

void outbox::drop_draft(room_id room) {
    const auto it = drafts_.find(room);
    if (it == drafts_.end()) return;
    disk_.drop(key_of(it->second), true);
    drafts_.erase(it);
}

void outbox::clear() {
    ops_.clear();
    lanes_.clear();
    drafts_.clear();
    bytes_ = 0;
}

}  // namespace parley
