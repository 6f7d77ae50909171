#pragma once

#include "server/store/migration.hpp"
#include "server/store/postgres_database.hpp"

#include <span>
#include <string>

/// The shape of the database, and how it comes about. What is wrong throws std::runtime_error with a line for
/// people, and nothing is written.
namespace parley::postgres {

/// Those of server/store/postgres_migrations.
[[nodiscard]] std::span<const migration> migrations();

enum class readiness : std::uint8_t {
    empty,    ///< no tables at all
    older,    ///< of an earlier version: `migrate` it
    current,  ///< as this program makes and reads it
};

/// Refuses a server that can't serve, and tables that are another program's or a newer version's. `name`: of
/// the database, for people.
[[nodiscard]] readiness check_database(connection& db, const std::string& name,
                                       std::span<const migration> upto = migrations());

/// Applies what is missing, in one transaction, once of all servers that try at the same time.
void migrate(connection& db, std::span<const migration> upto = migrations());

/// One line for people: which database, what is wrong, what to do.
[[nodiscard]] std::string explain(const failure& why, const std::string& name);

}  // namespace parley::postgres
