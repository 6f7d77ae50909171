#include "server/backbone/local_backbone.hpp"

#include "server/ops/crash_points.hpp"

namespace parley {
namespace {

template <class Entry>
std::vector<log_entry_ptr> one(Entry entry) {
    return {std::make_shared<const log_entry>(std::move(entry))};
}

}  // namespace

std::uint64_t local_backbone::epoch() const {
    std::lock_guard lock{mutex_};
    return sequencer_.epoch();
}

std::optional<appended> local_backbone::append(std::uint64_t epoch, std::vector<append_item> items,
                                               std::function<void(appended)>) {
    auto answers = append(epoch, items);
    return appended{std::move(answers), std::move(items)};
}

std::vector<append_answer> local_backbone::append(std::uint64_t epoch, std::span<append_item> items) {
    std::vector<placed_entry> placed;
    placed.reserve(items.size());
    std::vector<log_entry_ptr> entries;
    entries.reserve(items.size());

    std::unique_lock lock{mutex_};
    auto answers = sequencer_.append(now_ms_(), epoch, items, placed);
    PARLEY_CRASH_POINT(sequenced);
    for (auto& entry : placed)
        entries.push_back(std::make_shared<const log_entry>(std::move(entry)));
    const bool wake = log_.append(std::move(entries));
    PARLEY_CRASH_POINT(logged);
    lock.unlock();
    if (wake) log_.wake();
    return answers;
}

std::vector<standing> local_backbone::find(std::uint64_t epoch, room_id room,
                                           std::span<const change_id> changes) {
    std::lock_guard lock{mutex_};
    return sequencer_.find(epoch, room, changes);
}

void local_backbone::settle(const settled_entry& settled) {
    std::unique_lock lock{mutex_};
    const bool news = sequencer_.settle(now_ms_(), settled);
    PARLEY_CRASH_POINT(settling);
    const bool wake = news && log_.append(one(settled));
    lock.unlock();
    if (wake) log_.wake();
    PARLEY_CRASH_POINT(settled);
}

void local_backbone::begin(std::uint64_t epoch) {
    std::unique_lock lock{mutex_};
    sequencer_.begin(epoch);
    const bool wake = log_.append(one(epoch_entry{epoch}));
    lock.unlock();
    if (wake) log_.wake();
}

std::size_t local_backbone::provisional() const {
    std::lock_guard lock{mutex_};
    return sequencer_.provisional();
}

bool local_backbone::wants_epoch() const {
    std::lock_guard lock{mutex_};
    return sequencer_.full() && sequencer_.provisional() == 0;
}

}  // namespace parley
