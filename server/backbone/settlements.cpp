#include "server/backbone/settlements.hpp"

#include <algorithm>
#include <map>

namespace parley {

settled_entry settlements::all() const {
    settled_entry out;
    std::map<room_id, std::uint64_t> w;
    for (const auto& one : waiting_) {
        out.epoch = one.epoch;
        out.upto = std::max(out.upto, one.upto);
        for (const auto& mark : one.rooms)
            w[mark.room] = std::max(w[mark.room], mark.w);
        out.voids.insert(out.voids.end(), one.voids.begin(), one.voids.end());
        out.halted.insert(out.halted.end(), one.halted.begin(), one.halted.end());
    }
    for (const auto& [room, seq] : w)
        out.rooms.push_back({room, seq});
    return out;
}

void settlements::acknowledge(std::uint64_t upto) {
    while (!waiting_.empty() && waiting_.front().upto <= upto)
        waiting_.pop_front();
}

void settlements::begin(std::uint64_t epoch) {
    std::erase_if(waiting_, [epoch](const settled_entry& one) { return one.epoch != epoch; });
}

}  // namespace parley
