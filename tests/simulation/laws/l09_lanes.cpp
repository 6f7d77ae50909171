#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

namespace parley::simulation {

namespace {

/// L9: an op gets a place only behind the one that it names as the one before it.
class lanes final : public law {
public:
    lanes(surroundings& around, chronicle& seen) : law("L9 lanes", around, seen) {}

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what != judgement::placed || item.after.is_zero()) return;
        const change_id before{item.event.id.author, item.after};
        const auto* placed = seen_.placed_at(before);
        require_or(seen_.stored_at(before) || (placed && placed->event.seq < answer.at.seq), [&] {
            return "op " + to_text(item.event.id.op) + " has place " + std::to_string(answer.at.seq) +
                   " though the one before it has none";
        });
    }
};

}  // namespace

law_ptr make_lanes(surroundings& around, chronicle& seen) {
    return std::make_unique<lanes>(around, seen);
}

}  // namespace parley::simulation
