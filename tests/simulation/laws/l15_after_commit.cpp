#include "shared/base/limits.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

/// L15: the count of unread messages follows what is committed, and in the end every tab counts the same.
class after_commit final : public law {
public:
    after_commit(surroundings& around, chronicle& seen) : law("L15 after commit", around, seen) {}

    void drawn(tab& where) override {
        if (seen_.restores() > 0) return;
        for (const auto* room : where.core().rooms()) {
            if (!room->joined) continue;
            require_or(room->unread <=
                           std::max<std::uint64_t>(seen_.history(room->id).size(), room->read) - room->read,
                       [&] {
                           return where.label() + " counts " + std::to_string(room->unread) +
                                  " unread above " + std::to_string(room->read) + " where " +
                                  std::to_string(seen_.history(room->id).size()) + " are committed";
                       });
        }
    }
};

}  // namespace

law_ptr make_after_commit(surroundings& around, chronicle& seen) {
    return std::make_unique<after_commit>(around, seen);
}

}  // namespace parley::simulation
