#pragma once

#include "server/backbone/epoch_register.hpp"
#include "server/store/postgres_database.hpp"

#include <string>

/// The row of `log` as the register of the order that many processes share. Each of these needs a
/// transaction.
namespace parley::postgres::order {

[[nodiscard]] order_row read(connection& db);

/// As `read`, and writes the row: once that is acknowledged, so is every commit before it.
[[nodiscard]] order_row confirm(connection& db);

/// See `epoch_register::raise`.
[[nodiscard]] std::uint64_t raise(connection& db, std::uint64_t seen, std::uint64_t floor,
                                  const std::string& incarnation);

/// Whether `holder` is to write in this epoch: it does already, or the lease of whoever did is over. A clock
/// that went back is no lease.
[[nodiscard]] bool take_lease(connection& db, std::uint64_t epoch, const std::string& holder);

void end_lease(connection& db, const std::string& holder);

}  // namespace parley::postgres::order
