#include "tests/simulation/edges/durable_store.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

constexpr std::size_t commits_lost_most = 30;

}  // namespace

durable_store::durable_store(surroundings& around, audience& all)
    : around_(around), all_(all), store_(std::make_unique<memory_store>()) {}

std::uint64_t durable_store::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    journal_.push_back(raised{wall_ms, chance});
    const auto epoch = store_->raise_epoch(wall_ms, chance);
    require(epoch.has_value(), "L6", "no epoch can be begun");
    all_.tell([&](witness& w) { w.epoch_begun(*epoch); });
    return *epoch;
}

commit_outcome durable_store::commit(const commit_batch& batch, const std::vector<settled_void>& voided) {
    const auto outcome = store_->commit(batch, voided);
    if (outcome.what != commit_outcome::kind::committed) return outcome;
    ++commits_;
    in_doubt_.reset();
    journal_.push_back(committed{batch, voided});
    for (const auto& logged : batch.events) {
        const auto& event = std::get<placed_entry>(*logged).event;
        const auto page = store_->read_after(event.room, event.seq - 1, 1);
        require(page && page->events.size() == 1, "L4", "what was committed can't be read");
        all_.tell([&](witness& w) { w.stored(page->events[0]); });
    }
    return outcome;
}

void durable_store::leave_in_doubt(const commit_batch& batch, const std::vector<settled_void>& voided) {
    in_doubt_ = committed{batch, voided};
}

void durable_store::recover(dice& chance) {
    if (!in_doubt_) return;
    const auto found = *std::exchange(in_doubt_, std::nullopt);
    if (!chance.one_in(2)) return;
    around_.say("store", "recovers what was in doubt");
    commit(found.batch, found.voided);
}

bool durable_store::restore(dice& chance) {
    if (commits_ == 0) return false;
    in_doubt_.reset();
    ++restores_;
    for (auto lost = 1 + chance.below(std::min(commits_, commits_lost_most)); lost > 0;) {
        if (std::holds_alternative<committed>(journal_.back())) --lost, --commits_;
        journal_.pop_back();
    }
    store_ = std::make_unique<memory_store>();
    for (const auto& one : journal_) {
        if (const auto* epoch = std::get_if<raised>(&one)) {
            static_cast<void>(store_->raise_epoch(epoch->wall_ms, epoch->chance));
        } else {
            const auto& written = std::get<committed>(one);
            static_cast<void>(store_->commit(written.batch, written.voided));
        }
    }
    all_.tell([](witness& w) { w.restored(); });
    return true;
}

}  // namespace parley::simulation
