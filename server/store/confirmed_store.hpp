#pragma once

#include "server/backbone/epoch_register.hpp"
#include "server/backbone/settled_watch.hpp"
#include "server/store/store.hpp"

namespace parley {

/// A store that many processes write, for one of them: what it reads counts only if it is of the epoch that
/// this process works in, reaches as far as that is known to be settled, and will stay.
///
/// A commit whose answer was lost can be seen before it is safe. So an answer waits until the log has told
/// that all it may show is settled; where nobody says so, because Redis is away or the writer has died, a
/// write that is acknowledged proves the same. What can't be proved is `unavailable`, and asked again.
class confirmed_store final : public room_store {
public:
    /// All must outlive it.
    confirmed_store(room_store& store, epoch_register& order, const settled_watch& log)
        : store_(store), order_(order), log_(log) {}

    [[nodiscard]] result<loaded_room> load_room(room_id room) override;
    [[nodiscard]] result<loaded_page> read_before(room_id room, std::uint64_t before,
                                                  std::size_t limit) override;
    [[nodiscard]] result<loaded_page> read_after(room_id room, std::uint64_t after,
                                                 std::size_t limit) override;
    [[nodiscard]] result<found_changes> find(room_id room, std::span<const change_id> changes) override;
    [[nodiscard]] result<std::vector<wire::room>> rooms_of(user_id user) override;
    [[nodiscard]] result<listed_rooms> list_rooms(user_id user, const std::string& key,
                                                  std::size_t limit) override;
    [[nodiscard]] result<listed_members> list_members(room_id room, const std::string& key,
                                                      std::size_t limit) override;

    // writes are the store's own business
    [[nodiscard]] result<std::uint64_t> raise_epoch(std::int64_t wall_ms, std::uint64_t chance) override;
    [[nodiscard]] commit_outcome commit(const commit_batch& batch,
                                        std::span<const settled_void> voided) override;
    [[nodiscard]] result<bool> take_lease(std::uint64_t epoch) override;

    void end_lease() override { store_.end_lease(); }

    void rest() override { store_.rest(); }

    [[nodiscard]] std::optional<std::string> refusal() override { return store_.refusal(); }

private:
    template <class Read>
    auto confirmed(Read read) -> decltype(read());
    [[nodiscard]] result<void> confirm(settled_place known);

    room_store& store_;
    epoch_register& order_;
    const settled_watch& log_;
};

}  // namespace parley
