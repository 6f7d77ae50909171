#pragma once

#include "server/backbone/epoch_register.hpp"
#include "server/store/sql_store.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace parley {

namespace postgres {
class link;
}

struct postgres_options {
    /// Where and as whom, in the words of libpq: host, port, dbname, user, password, sslmode, …
    std::vector<std::pair<std::string, std::string>> target;
    std::string name;    ///< of the database, for people; never holds the password
    std::string holder;  ///< of this process among those that share an order; empty: it is alone
    std::size_t readers = 4;
    std::chrono::milliseconds call_time{10'000};  ///< a call that takes longer breaks its connection
};

/// Both stores in a PostgreSQL database of their own.
///
/// What `commit` acknowledged is there after any crash that the database survives. One connection writes, a
/// few read; those that break are opened again for the next call. A commit whose answer was lost is answered
/// with `failed`: the same batch again tells, by the offset in `log`, whether it had happened.
///
/// The row of `log` is the register of whoever orders for many processes.
class postgres_store : public sql_store<postgres::link>, public epoch_register {
public:
    /// Makes the tables in an empty database. Throws std::runtime_error with one line that names the database
    /// and the remedy; tables that are older, newer or another program's are not touched.
    explicit postgres_store(postgres_options options);

    [[nodiscard]] result<bool> take_lease(std::uint64_t epoch) override;
    void end_lease() override;

    // epoch_register
    [[nodiscard]] result<order_row> read() override;
    [[nodiscard]] result<order_row> confirm() override;
    [[nodiscard]] result<std::uint64_t> raise(std::uint64_t seen, std::uint64_t floor,
                                              const std::string& incarnation) override;
};

extern template class sql_store<postgres::link>;

/// Brings the tables up to date, or makes them: what `parleyd migrate` does. Throws like the constructor;
/// gives whether there was anything to do.
bool migrate_postgres(const postgres_options& options);

}  // namespace parley
