#include "server/store/confirmed_store.hpp"

#include <chrono>

namespace parley {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 300ms;

}  // namespace

template <class Read>
auto confirmed_store::confirmed(Read read) -> decltype(read()) {
    const auto known = log_.settled();
    auto found = read();
    if (!found) return found;
    if (auto sure = confirm(known); !sure) return tl::unexpected(sure.error());
    return found;
}

/// How far the log is stored is read after the answer, so that it covers what the answer may show.
result<void> confirmed_store::confirm(settled_place known) {
    const auto row = order_.read();
    if (!row) return tl::unexpected(row.error());
    if (row->epoch != known.epoch) return fail(errc::unavailable, "another epoch begins");
    if (row->n < known.n) return fail(errc::unavailable, "the store has lost what was settled");
    if (log_.wait_settled({row->epoch, row->n}, patience)) return {};
    const auto sure = order_.confirm();
    if (!sure) return tl::unexpected(sure.error());
    const bool stays = sure->epoch == row->epoch && sure->n >= row->n && log_.settled().epoch == row->epoch;
    if (!stays) return fail(errc::unavailable, "another epoch begins");
    return {};
}

result<loaded_room> confirmed_store::load_room(room_id room) {
    return confirmed([&] { return store_.load_room(room); });
}

result<loaded_page> confirmed_store::read_before(room_id room, std::uint64_t before, std::size_t limit) {
    return confirmed([&] { return store_.read_before(room, before, limit); });
}

result<loaded_page> confirmed_store::read_after(room_id room, std::uint64_t after, std::size_t limit) {
    return confirmed([&] { return store_.read_after(room, after, limit); });
}

result<found_changes> confirmed_store::find(room_id room, std::span<const change_id> changes) {
    return confirmed([&] { return store_.find(room, changes); });
}

result<std::vector<wire::room>> confirmed_store::rooms_of(user_id user) {
    return confirmed([&] { return store_.rooms_of(user); });
}

result<listed_rooms> confirmed_store::list_rooms(user_id user, const std::string& key, std::size_t limit) {
    return confirmed([&] { return store_.list_rooms(user, key, limit); });
}

result<listed_members> confirmed_store::list_members(room_id room, const std::string& key,
                                                     std::size_t limit) {
    return confirmed([&] { return store_.list_members(room, key, limit); });
}

result<std::uint64_t> confirmed_store::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    return store_.raise_epoch(wall_ms, chance);
}

commit_outcome confirmed_store::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    return store_.commit(batch, voided);
}

result<bool> confirmed_store::take_lease(std::uint64_t epoch) {
    return store_.take_lease(epoch);
}

}  // namespace parley
