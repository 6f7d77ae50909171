#include "server/store/postgres_order.hpp"

#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley::postgres::order {

namespace {

/// Below all others; it stands in a database that no server has worked on.
constexpr std::uint64_t first_epoch = 1;

// By the time of the look, not of the transaction: somebody may have prolonged the lease in between.
constexpr const char* select_row =
    "SELECT epoch, n, incarnation, "
    "coalesce(until BETWEEN clock_timestamp() AND clock_timestamp() + $1::bigint * interval '1 ms', "
    "false)::int "
    "FROM log WHERE part = 0";
constexpr const char* touch_row =
    "UPDATE log SET part = part WHERE part = 0 RETURNING epoch, n, incarnation, "
    "coalesce(until BETWEEN clock_timestamp() AND clock_timestamp() + $1::bigint * interval '1 ms', "
    "false)::int";

// Chance stands outside of greatest(): a clock that was set back makes no number twice. now() is when the
// transaction began, before it waited for the row.
constexpr const char* begin_epoch =
    "UPDATE log SET epoch = greatest(epoch, $2::bigint, (extract(epoch FROM now()) * 1000)::bigint * 1000) "
    "+ 1 + floor(random() * 1000)::bigint, "
    "n = 0, incarnation = $3, began = now(), holder = NULL, until = NULL "
    "WHERE part = 0 AND epoch = $1::bigint AND (incarnation = $3 "
    "OR NOT EXISTS (SELECT 1 FROM epochs e WHERE e.incarnation = $3) "
    "OR now() NOT BETWEEN began AND began + interval '60 s') RETURNING epoch";
constexpr const char* insert_epoch = "INSERT INTO epochs (epoch, incarnation) VALUES ($1, $2)";

// By when the row is locked, which may be long after the transaction began.
constexpr const char* hold =
    "UPDATE log SET holder = $2, until = clock_timestamp() + $3::bigint * interval '1 ms' "
    "WHERE part = 0 AND epoch = $1::bigint AND (holder = $2 OR until IS NULL "
    "OR until NOT BETWEEN clock_timestamp() AND clock_timestamp() + $3::bigint * interval '1 ms')";
constexpr const char* let_go = "UPDATE log SET holder = NULL, until = NULL WHERE part = 0 AND holder = $1";

order_row row_in(rows found) {
    if (!found.step()) throw failure{trouble::damage, "the log has no row"};
    const auto epoch = found.natural(0);
    return {epoch == first_epoch ? 0 : epoch, found.natural(1), found.text(2), found.number(3) != 0};
}

}  // namespace

order_row read(connection& db) {
    return row_in(db.ask(select_row, limits::lease_ms));
}

order_row confirm(connection& db) {
    return row_in(db.ask(touch_row, limits::lease_ms));
}

std::uint64_t raise(connection& db, std::uint64_t seen, std::uint64_t floor, const std::string& incarnation) {
    auto begun = db.ask(begin_epoch, std::max(seen, first_epoch), floor, incarnation);
    if (!begun.step()) return 0;
    const auto epoch = begun.natural(0);
    db.change(insert_epoch, epoch, incarnation);
    return epoch;
}

bool take_lease(connection& db, std::uint64_t epoch, const std::string& holder) {
    return db.change(hold, epoch, holder, limits::lease_ms) == 1;
}

void end_lease(connection& db, const std::string& holder) {
    db.change(let_go, holder);
}

}  // namespace parley::postgres::order
