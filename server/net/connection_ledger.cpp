#include "server/net/connection_ledger.hpp"

namespace parley {

connection_ledger::ticket connection_ledger::enter(const std::string& address, bool unfinished) {
    std::lock_guard lock{mutex_};
    auto& place = *entries_.try_emplace(address).first;
    auto& [open, waiting] = place.second;
    const bool full =
        (limits_.per_address != 0 && open >= limits_.per_address) ||
        (unfinished && limits_.unfinished_per_address != 0 && waiting >= limits_.unfinished_per_address);
    if (full) return {};
    ++open;
    if (unfinished) ++waiting;
    ticket given;
    given.ledger_ = this;
    given.at_ = &place;
    given.unfinished_ = unfinished;
    return given;
}

void connection_ledger::ticket::finish() {
    if (!ledger_ || !unfinished_) return;
    unfinished_ = false;
    std::lock_guard lock{ledger_->mutex_};
    --at_->second.unfinished;
}

connection_ledger::ticket::~ticket() {
    if (!ledger_) return;
    std::lock_guard lock{ledger_->mutex_};
    auto& place = at_->second;
    if (unfinished_) --place.unfinished;
    if (--place.open == 0) ledger_->entries_.erase(ledger_->entries_.find(at_->first));
}

}  // namespace parley
