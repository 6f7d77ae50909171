#pragma once

#include "server/store/memory_store.hpp"
#include "tests/simulation/base/surroundings.hpp"
#include "tests/simulation/laws/witness.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace parley::simulation {

/// What outlives the server. The real store in memory, and beside it the list of all that was ever written,
/// so that an older copy can be put in its place.
class durable_store {
public:
    durable_store(surroundings& around, audience& all);

    [[nodiscard]] memory_store& now() { return *store_; }

    std::uint64_t raise_epoch(std::int64_t wall_ms, std::uint64_t chance);

    commit_outcome commit(const commit_batch& batch, const std::vector<settled_void>& voided);

    /// A commit failed, and left behind what a recovery may find: readers see nothing of it.
    void leave_in_doubt(const commit_batch& batch, const std::vector<settled_void>& voided);

    /// The process that wrote is gone: what was in doubt is there, or it is not.
    void recover(dice& chance);

    /// Somebody puts an older copy in its place; false if there is none.
    bool restore(dice& chance);

    [[nodiscard]] std::size_t commits() const { return commits_; }

    [[nodiscard]] std::size_t restores() const { return restores_; }

private:
    struct raised {
        std::int64_t wall_ms;
        std::uint64_t chance;
    };

    struct committed {
        commit_batch batch;
        std::vector<settled_void> voided;
    };

    using entry = std::variant<raised, committed>;

    surroundings& around_;
    audience& all_;
    std::unique_ptr<memory_store> store_;
    std::vector<entry> journal_;
    std::optional<committed> in_doubt_;
    std::size_t commits_ = 0;
    std::size_t restores_ = 0;
};

}  // namespace parley::simulation
