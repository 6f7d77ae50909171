#include "shared/base/limits.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>

namespace parley::simulation {

namespace {

/// L14: nothing grows past its limit: outboxes, timelines, messages, pages, what is provisional, what is
/// unsent.
class bounds final : public law {
public:
    bounds(surroundings& around, chronicle& seen) : law("L14 bounds", around, seen) {}

    void stepped(tab& where, const client_fact&, const client_effects& effects) override {
        require(where.core().outbox().size() <= limits::recalled_ops,
                where.label() + "'s outbox is over its bound");
        for (const auto& effect : effects)
            if (const auto* sent = std::get_if<send_bytes>(&effect))
                require(sent->message.size() <= limits::ws_message_bytes,
                        where.label() + " says too much at once");
    }

    void drawn(tab& where) override {
        const auto* view = where.shown().is_zero() ? nullptr : where.core().room(where.shown());
        if (!view) return;
        const auto most = limits::timeline_events + limits::page_events + limits::snapshot_events +
                          limits::room_provisional_ops + limits::recalled_ops;
        require(view->rows.size() <= most,
                where.label() + " holds " + std::to_string(view->rows.size()) + " rows");
    }

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what != judgement::placed) return;
        const auto& open = seen_.provisional(item.event.room);
        require(open.size() <= limits::room_provisional_ops,
                std::to_string(open.size()) + " ops are provisional in one room");
    }

    void heard(const seen_session& who, const wire::frame_up& frame) override {
        if (const auto* op = std::get_if<wire::op>(&frame))
            require(++offers_[{who.handle, op->id}] <= offers_most,
                    "an op is offered again and again without end");
        if (const auto* settle = std::get_if<wire::settle>(&frame))
            require(settle->ops.size() <= limits::settle_ops, "a settle names too many ops");
        if (const auto* sub = std::get_if<wire::subscribe>(&frame)) rooms_[who.handle][sub->room] = true;
        if (const auto* end = std::get_if<wire::unsubscribe>(&frame)) rooms_[who.handle].erase(end->room);
    }

    void told(const seen_session&, const wire::frame_down& frame) override {
        const auto* reply = std::get_if<wire::reply>(&frame);
        if (!reply) return;
        require(reply->members.size() <= limits::members_page, "a page of members is too long");
        require(reply->rooms.size() <= limits::rooms_page, "a page of rooms is too long");
    }

    void session_ended(const seen_session& who) override {
        rooms_.erase(who.handle);
        offers_.erase(offers_.lower_bound({who.handle, op_id{}}),
                      offers_.lower_bound({who.handle + 1, op_id{}}));
    }

private:
    static constexpr std::size_t offers_most = 400;  // on one connection; with the pauses that it must make

    std::map<std::pair<std::uint64_t, op_id>, std::size_t> offers_;
    std::map<std::uint64_t, std::map<room_id, bool>> rooms_;
};

}  // namespace

law_ptr make_bounds(surroundings& around, chronicle& seen) {
    return std::make_unique<bounds>(around, seen);
}

}  // namespace parley::simulation
