#pragma once

#include "server/backbone/backbone.hpp"
#include "server/open_store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace parley {

class local_backbone;

/// What orders ops, as the options name it.
struct opened_order {
    std::shared_ptr<backbone> log;
    local_backbone* own = nullptr;      ///< if this server orders alone
    std::shared_ptr<room_store> rooms;  ///< the store as this process may read it, and write it in turn

    [[nodiscard]] bool shared() const { return own == nullptr; }
};

/// Called from any thread when the order begins or ceases to take ops; `why` in one line.
using order_changed = std::function<void(bool accepting, const std::string& why)>;

/// Blocks until an epoch is in force. Throws `std::runtime_error` with one line that says what is wrong.
[[nodiscard]] opened_order open_order(const config& options, const opened_store& store, order_changed tell);

}  // namespace parley
