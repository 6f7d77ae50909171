#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <algorithm>
#include <map>

namespace parley::simulation {

namespace {

/// L2: an outbox forgets an op on its verdict alone, each op gets one, and in the end each has one and the
/// store agrees. What was promised as *saved* is on the disk.
class one_verdict final : public law {
public:
    one_verdict(surroundings& around, chronicle& seen) : law("L2 one verdict", around, seen) {}

    void stepped(tab& where, const client_fact& fact, const client_effects& effects) override {
        auto& before = held_[where.number()];
        const auto ops = where.core().outbox();
        if (std::holds_alternative<signed_out>(fact)) {
            for (const auto& [change, state] : before)
                seen_.excuse(change, "its author signed out");
            before.clear();
            return;
        }
        std::map<change_id, op_state> now;
        for (const auto& op : ops)
            now.emplace(op.change, op.state);
        for (const auto& op : ops)
            if (op.state == op_state::failed &&
                (before.count(op.change) == 0 || before[op.change] != op.state))
                refused(where, op);
        pair_renamed(ops, effects, before, now);
        for (const auto& [change, state] : before)
            if (now.count(change) == 0) left(where, change, state);
        before = std::move(now);
    }

    void worker_gone(tab& where) override { held_.erase(where.number()); }

    void judge(stage& all) override {
        for (const auto& [change, story] : seen_.ops())
            judge_op(all, change, story);
    }

private:
    using held = std::map<change_id, op_state>;

    static bool composed(const client_effects& effects, const change_id& change) {
        return std::any_of(effects.begin(), effects.end(), [&](const client_effect& effect) {
            const auto* answer = std::get_if<acknowledge>(&effect);
            return answer && answer->change == change;
        });
    }

    /// Ops that were never offered may get another id (L1); they keep their order.
    void pair_renamed(const std::vector<row_view>& ops, const client_effects& effects, held& before,
                      const held& now) {
        std::map<std::uint64_t, change_id> gone;
        for (const auto& [change, state] : before)
            if (const auto* story = seen_.story_of(change);
                story && now.count(change) == 0 && !story->offered && !story->let_go)
                gone.emplace(story->order, change);
        for (const auto& op : ops) {
            if (gone.empty()) return;
            if (before.count(op.change) != 0 || seen_.story_of(op.change) || composed(effects, op.change))
                continue;
            const auto fits = std::find_if(gone.begin(), gone.end(), [&](const auto& one) {
                const auto& story = seen_.ops().at(one.second);
                return story.op.room == op.room && story.op.kind == op.kind;
            });
            if (fits == gone.end()) continue;
            before.erase(fits->second);
            seen_.renamed(fits->second, op.change);
            seen_.note_offers(op.change.author, effects);
            gone.erase(fits);
        }
    }

    /// Where it could not be written down, another life may be answered otherwise later: the id's time has
    /// come, or the room. No void can stand in for that op.
    void refused(tab& where, const row_view& op) {
        const bool passes =
            op.reason == errc::bad_op_id || op.reason == errc::too_old || op.reason == errc::no_such_room;
        if (passes && where.core().status(where.now()).memory_only)
            return seen_.excuse(op.change, "it was refused where that could not be kept");
        seen_.told(op.change, said::refused, op.reason);
    }

    void left(tab& where, const change_id& change, op_state state) {
        if (state == op_state::failed) return;  // its author has read why, and let it go or tries again
        const auto* story = seen_.story_of(change);
        if (!story) return;
        const auto* place = seen_.stored_at(change);
        if (place && place->event.kind != change_kind::nothing)
            return seen_.told(change, said::stored, errc::none);
        // One that had nothing to do may be given up by a life that does not know so.
        const bool moves = story->op.kind == change_kind::join || story->op.kind == change_kind::leave;
        if (place && moves && story->told == said::stored) return;
        if (place)
            return seen_.told(change, place->event.code == errc::unchanged ? said::stored : said::let_go,
                              place->event.code);
        if (seen_.ever_stored(change)) return seen_.told(change, said::stored, errc::none);
        // A join or leave that had nothing to do takes no place.
        if (moves) return seen_.told(change, said::stored, errc::unchanged);
        const bool local = story->let_go && (!story->offered || !seen_.placed_at(change));
        require(local, where.label() + " forgot op " + to_text(change.op) + " (" + story->op.text +
                           ") that is not stored and has no verdict");
        // Where there is no room yet no void can stand, and what the disk can't be told the next life offers.
        if (where.core().status(where.now()).memory_only && seen_.history(story->op.room).empty())
            return seen_.excuse(change, "it was let go where that could be kept nowhere");
        seen_.told(change, said::let_go, errc::discarded);
    }

    void judge_op(stage& all, const change_id& change, const op_story& story) {
        const auto* place = seen_.stored_at(change);
        const bool stands = place && place->event.kind != change_kind::nothing;
        const auto name = to_text(change.op) + " (" + story.op.text + ")";
        if (!story.excuse.empty()) return;
        switch (story.told) {
        case said::nothing:
            require(false,
                    "op " + name + " ended without a verdict" + (stands ? ", though it is stored" : ""));
            break;
        case said::stored:
            require(place || story.reason == errc::unchanged,
                    "op " + name + " was said to be stored and is not");
            break;
        case said::let_go:
            require(!stands, "op " + name + " was said to be discarded and is in the log");
            if (story.op.kind == change_kind::message)
                require(story.let_go, "op " + name + " was discarded though nobody asked");
            break;
        case said::refused:
            require(!stands, "op " + name + " was refused and is in the log");
            require(has_reason(all, change, story),
                    "op " + name + " was refused without reason: " + std::string(name_of(story.reason)));
            break;
        }
    }

    bool has_reason(stage&, const change_id& change, const op_story& story) {
        const auto* place = seen_.stored_at(change);
        switch (story.reason) {
        case errc::not_member:
            return story.op.kind == change_kind::message && was_out(story.op.room, change.author);
        case errc::no_such_room: return true;
        case errc::room_exists: return story.op.kind == change_kind::create;
        case errc::must_stay: return story.op.room == general_room;
        case errc::store_refused: return place && place->event.code == errc::store_refused;
        case errc::too_old:
        case errc::bad_op_id: return true;
        case errc::discarded: return story.let_go || story.turned_down || overtaken(change, story);
        default: return false;
        }
    }

    /// Without locks a tab that is only slow loses its outbox to another, which finds there what the disk has
    /// by then: later ops, perhaps, and not this one.
    [[nodiscard]] bool overtaken(const change_id& change, const op_story& story) const {
        if (around_.rate.locks) return false;
        return std::any_of(seen_.ops().begin(), seen_.ops().end(), [&](const auto& other) {
            const auto& later = other.second;
            return other.first.author == change.author && later.op.room == story.op.room &&
                   later.order > story.order && later.told == said::stored;
        });
    }

    /// At some time the author was no member; what was rolled back counts too.
    [[nodiscard]] bool was_out(room_id room, user_id user) const {
        if (seen_.restores() > 0) return true;
        bool in = false;
        for (const auto& [event, at] : seen_.history(room)) {
            if (!(event.id.author == user)) continue;
            if (event.kind == change_kind::leave) return true;
            in |= event.kind == change_kind::join || event.kind == change_kind::create;
        }
        return !in || room != general_room;
    }

    std::map<std::uint64_t, std::map<change_id, op_state>> held_;
};

}  // namespace

law_ptr make_one_verdict(surroundings& around, chronicle& seen) {
    return std::make_unique<one_verdict>(around, seen);
}

}  // namespace parley::simulation
