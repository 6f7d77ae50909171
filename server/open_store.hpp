#pragma once

#include "server/backbone/epoch_register.hpp"
#include "server/ops/config.hpp"
#include "server/store/account_store.hpp"
#include "server/store/store.hpp"
#include "shared/base/hash.hpp"

#include <functional>
#include <memory>

namespace parley {

/// The store that the options name. All ports are one object's, owned by `rooms`.
struct opened_store {
    std::shared_ptr<room_store> rooms;
    account_store* accounts = nullptr;
    epoch_register* register_of_epochs = nullptr;  ///< null: no other server can share this store
    hash_key payload_key;
};

/// Throws `std::runtime_error` with one line that says what is wrong: no folder or no
/// database, in use, damaged, newer.
[[nodiscard]] opened_store open_store(const config& options);

/// Brings the tables in PostgreSQL up to date; gives whether there was anything to do. Throws the same.
[[nodiscard]] bool migrate_store(const config& options);

}  // namespace parley
