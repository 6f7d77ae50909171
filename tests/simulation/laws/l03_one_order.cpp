#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <algorithm>
#include <map>

namespace parley::simulation {

namespace {

/// L3: a room's places are dense, in the order as in the store; each lane keeps the order in which it was
/// composed.
class one_order final : public law {
public:
    one_order(surroundings& around, chronicle& seen) : law("L3 one order", around, seen) {}

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what != judgement::placed) return;
        const auto& open = seen_.provisional(item.event.room);
        const auto stored = seen_.history(item.event.room).size();
        // The chronicle has it already.
        require_or(answer.at.seq == stored + open.size() && answer.at.epoch == seen_.epoch(), [&] {
            return "place " + std::to_string(answer.at.seq) + " was given above " + std::to_string(stored) +
                   " stored and " + std::to_string(open.size() - 1) + " provisional";
        });
    }

    void judge(stage& all) override {
        std::map<change_id, std::uint64_t> effective;
        for (const auto& [room, log] : seen_.histories()) {
            judge_store(all, room, log);
            for (const auto& [event, at] : log)
                if (event.kind != change_kind::nothing)
                    require(effective.emplace(event.id, event.seq).second,
                            "stored twice: op " + to_text(event.id.op));
        }
        judge_lanes(effective);
    }

private:
    void judge_store(stage& all, room_id room, const std::vector<chronicle::place>& log) {
        auto& store = all.server->store().now();
        std::uint64_t seq = 0;
        for (bool more = true; more;) {
            const auto page = store.read_after(room, seq, 100);
            require(page.has_value(), "a page can't be read");
            for (const auto& event : page->events) {
                ++seq;
                require(
                    event.seq == seq && seq <= log.size() && event.id == log[seq - 1].event.id &&
                        event.kind == log[seq - 1].event.kind && event.text == log[seq - 1].event.text,
                    "the store has another event at " + std::to_string(seq) + " than was committed there");
            }
            more = page->more;
        }
        require(seq == log.size(), "the store has lost what was committed");
    }

    void judge_lanes(const std::map<change_id, std::uint64_t>& places) {
        using composed = std::pair<std::uint64_t, std::uint64_t>;  // order, seq
        std::map<std::pair<ulid, room_id>, std::vector<composed>> lanes;
        for (const auto& [change, story] : seen_.ops()) {
            if (!story.excuse.empty()) continue;  // what was lost with its device holds no lane together
            const auto at = places.find(change);
            if (at != places.end())
                lanes[{story.op.outbox, story.op.room}].emplace_back(story.order, at->second);
        }
        for (auto& [lane, ops] : lanes) {
            std::sort(ops.begin(), ops.end());
            for (std::size_t i = 1; i < ops.size(); ++i)
                require(ops[i - 1].second < ops[i].second,
                        "a lane is out of order at " + std::to_string(ops[i].second));
        }
    }
};

}  // namespace

law_ptr make_one_order(surroundings& around, chronicle& seen) {
    return std::make_unique<one_order>(around, seen);
}

}  // namespace parley::simulation
