#include "shared/client/sender.hpp"

#include "shared/base/limits.hpp"
#include "shared/base/ordered.hpp"
#include "shared/client/sync.hpp"
#include "shared/wire/validate.hpp"

#include <algorithm>

namespace parley {

namespace {

constexpr std::int64_t setback_min_ms = 50, setback_max_ms = 5'000;

outbox_op* first_queued(const outbox_lane& lane) {
    for (auto* op : lane.ops)
        if (op->stage == op_stage::queued) return op;
    return nullptr;
}

wire::op to_frame(const outbox_op& op, op_id after, std::uint32_t offer, bool resumed, bool again) {
    wire::op frame;
    frame.id = op.id();
    frame.room = op.room();
    frame.after = after;
    frame.since = resumed ? op.since : 0;
    frame.offer = offer;
    frame.again = again;
    frame.kind = op.gives_up() ? change_kind::nothing : op.kept.kind;
    if (!op.gives_up()) frame.name = op.kept.name, frame.text = op.kept.text;
    return frame;
}

}  // namespace

void sender::welcomed(instant now, const wire::welcome& frame) {
    limiter_ = rate_limiter(frame.burst, frame.per_ms, frame.tokens, now.mono_ms);
    blocked_until_ms_ = 0;
    offers_ = 0;
}

// What is found too old leaves its lane, perhaps at once: then what stood behind it is next.
void sender::offer(instant now, outbox& box, const sync& rooms, server_clock& clock, upstream& up) {
    do {
        for (auto* op : too_old_)
            box.refuse(*op, errc::too_old);
        too_old_.clear();
        offer_lanes(now, box, rooms, clock, up);
    } while (!too_old_.empty());
}

void sender::offer_lanes(instant now, outbox& box, const sync& rooms, server_clock& clock, upstream& up) {
    deadline_.reset();
    std::vector<outbox_op*> ready;
    for (const auto& lane : box.lanes()) {
        auto* first = first_queued(*lane);
        if (!first || !rooms.may_send(lane->of.room)) continue;
        if (lane->wait_until_ms > now.mono_ms)
            wait_until(lane->wait_until_ms);
        else
            ready.push_back(first);
    }
    sort(ready, composed_before);
    for (const auto* op : ready)
        offer_lane(now, box, *box.lane_of(*op), rooms.resumed(op->room()), clock, up);
}

void sender::offer_lane(instant now, outbox& box, outbox_lane& lane, bool resumed, server_clock& clock,
                        upstream& up) {
    op_id after;
    for (auto* op : lane.ops) {
        if (op->stage == op_stage::refusing || op->stage == op_stage::discarding) return;
        if (op->stage == op_stage::queued) {
            if (op->renamed) return;
            if (judge_age(now, box, *op, clock) == step::stop || !allowed(now, *op)) return;
            const bool again = op->offered || !box.guarded();
            op->offer = ++offers_;
            if (op->kept.discard && op->void_offer == 0) op->void_offer = op->offer;
            up.say(to_frame(*op, after, op->offer, resumed, again));
            op->stage = op_stage::sent;
            op->offered = true;
        }
        after = op->id();
    }
}

// L1, L2: composed by a wrong clock, an op gets another id if it was never offered, and nobody else may have
// taken over its outbox. Composed long ago, its author is asked first; by then the server has answered that
// it does not know the id, and would not take it any more; what was offered is given up first, by a void.
sender::step sender::judge_age(instant now, outbox& box, outbox_op& op, server_clock& clock) {
    if (op.gives_up() || check_op_id(op.id(), clock.now_ms(now))) return step::next;
    const bool long_ago = op.composed_ms == 0 || now.mono_ms - op.composed_ms > limits::op_id_age_ms;
    if (!op.offered && !long_ago && box.guarded() && box.rename(op, op_id{clock.next_id(now)}))
        return op.renamed ? step::stop : step::next;
    // Offered on this connection already, it may have its place: the server says.
    if (op.id().value.time_ms() > clock.now_ms(now) || op.offer != 0) return step::next;
    if (op.offered) return box.give_up(op, errc::too_old), step::next;
    too_old_.push_back(&op);
    return step::stop;
}

bool sender::allowed(instant now, const outbox_op& op) {
    if (op.kept.kind != change_kind::message || op.gives_up()) return true;
    if (blocked_until_ms_ > now.mono_ms) {
        wait_until(blocked_until_ms_);
        return false;
    }
    const auto wait_ms = limiter_.take(now.mono_ms);
    if (wait_ms > 0) wait_until(now.mono_ms + wait_ms);
    return wait_ms == 0;
}

void sender::refused_for_now(instant now, outbox& box, outbox_op& op, const wire::op_reply& reply) {
    auto* lane = box.lane_of(op);
    if (!lane || !op.unanswered() || reply.offer <= op.stale_offers) return;
    box.go_back(*lane, offers_);
    const auto asked_ms = static_cast<std::int64_t>(reply.retry_ms);
    if (reply.code == errc::rate_limited) {
        // Not only messages are limited: a join that is offered again may be, too.
        lane->wait_until_ms = now.mono_ms + std::max(asked_ms, setback_min_ms);
        blocked_until_ms_ = std::max(blocked_until_ms_, lane->wait_until_ms);
        return;
    }
    // The first time it was most likely overtaken; after that something is amiss and haste would not mend it.
    const auto setbacks = lane->setbacks++;
    auto wait_ms = std::min(setback_min_ms << std::min(setbacks, 10u), setback_max_ms);
    if (reply.code == errc::after_missing && setbacks == 0) wait_ms = 0;
    lane->wait_until_ms = now.mono_ms + std::max(wait_ms, asked_ms);
}

std::int64_t sender::allowed_at_ms(instant now) const {
    if (blocked_until_ms_ > now.mono_ms) return blocked_until_ms_;
    const auto wait_ms = limiter_.wait(now.mono_ms);
    return wait_ms > 0 ? now.mono_ms + wait_ms : 0;
}

void sender::wait_until(std::int64_t at_ms) {
    if (!deadline_ || at_ms < *deadline_) deadline_ = at_ms;
}

}  // namespace parley
