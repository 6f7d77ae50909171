#include "server/store/postgres_link.hpp"

#include "server/ops/crash_points.hpp"
#include "server/store/payload_key.hpp"
#include "server/store/postgres_commit.hpp"
#include "server/store/postgres_order.hpp"
#include "server/store/postgres_schema.hpp"
#include "server/store/sql_accounts.hpp"

#include <stdexcept>

namespace parley {

namespace postgres {

namespace {

constexpr std::chrono::milliseconds migration_time = std::chrono::hours{1};

// Of accounts: ended logins are numbered in the order in which they become visible, and one user is the
// first.
constexpr const char* lock_accounts = "SELECT pg_advisory_xact_lock(x'6163636f756e'::bigint)";

/// What libpq is told beside what the options say. A network that is gone is noticed by the system.
target target_of(const postgres_options& options) {
    target out{{{"client_encoding", "UTF8"},
                {"application_name", "parleyd"},
                {"connect_timeout", "5"},
                {"tcp_user_timeout", "10000"},
                {"keepalives_idle", "10"},
                {"keepalives_interval", "3"},
                {"keepalives_count", "3"}},
               options.name};
    out.parameters.insert(out.parameters.end(), options.target.begin(), options.target.end());
    return out;
}

std::runtime_error of_older(const std::string& name) {
    return std::runtime_error{name +
                              " was written by an older Parley: end all servers on it, then run "
                              "parleyd migrate with the same --store"};
}

}  // namespace

link::link(postgres_options options)
    : options_(std::move(options)), readers_(options_.readers, [this] { return open(); }) {
    try {
        writer_ = open();
        const auto found = check_database(*writer_, options_.name);
        if (found == readiness::older) throw of_older(options_.name);
        if (found == readiness::empty) migrate_postgres(options_);
        const auto whole = begin();
        const auto key = parse_payload_key(sql::meta_value(*writer_, "payload_key").value_or(""));
        if (!key) throw failure{trouble::damage, "it has no payload key"};
        payload_key = *key;
    } catch (const failure& why) {
        throw std::runtime_error{explain(why, options_.name)};
    }
}

std::unique_ptr<connection> link::open() {
    return std::make_unique<connection>(target_of(options_), watching_, options_.call_time);
}

/// A connection that broke while nobody used it is replaced: nothing was begun on it.
std::unique_ptr<transaction> link::begin() {
    if (writer_ && writer_->is_open()) {
        try {
            return std::make_unique<transaction>(*writer_, transaction::kind::writing);
        } catch (const failure& why) {
            if (why.kind() != trouble::lost) throw;
        }
    }
    writer_.reset();
    writer_ = open();
    return std::make_unique<transaction>(*writer_, transaction::kind::writing);
}

void link::wait_for_others() {
    std::ignore = writer_->ask(lock_accounts);
}

result<std::uint64_t> link::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    return alone([&](connection& db) { return postgres::raise_epoch(db, wall_ms, chance); });
}

result<bool> link::take_lease(std::uint64_t epoch) {
    return alone([&](connection& db) { return order::take_lease(db, epoch, options_.holder); });
}

/// It ends by itself, too.
void link::end_lease() {
    std::ignore = alone([&](connection& db) {
        order::end_lease(db, options_.holder);
        return true;
    });
}

result<order_row> link::read_order() {
    return read([](connection& db) { return order::read(db); });
}

result<order_row> link::confirm_order() {
    return alone([](connection& db) { return order::confirm(db); });
}

result<std::uint64_t> link::raise_order(std::uint64_t seen, std::uint64_t floor,
                                        const std::string& incarnation) {
    return alone([&](connection& db) { return order::raise(db, seen, floor, incarnation); });
}

commit_outcome link::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    using kind = commit_outcome::kind;
    const std::lock_guard lock{mutex_};
    try {
        const auto whole = begin();
        auto voids = batch_writer{*writer_, voided, options_.holder}.write(batch);
        if (!voids) return {kind::superseded, {}, "another epoch is in force"};
        PARLEY_CRASH_POINT(batch_written);
        whole->commit();
        PARLEY_CRASH_POINT(committed);
        return {kind::committed, std::move(*voids), {}};
    } catch (const failure& why) {
        if (why.kind() == trouble::row) return {kind::row_refused, {}, why.what()};
        if (why.kind() == trouble::damage) return {kind::damaged, {}, explain(why, options_.name)};
        return {kind::failed, {}, "PostgreSQL: " + std::string{why.what()}};
    }
}

}  // namespace postgres

postgres_store::postgres_store(postgres_options options)
    : sql_store(std::make_unique<postgres::link>(std::move(options))) {}

result<bool> postgres_store::take_lease(std::uint64_t epoch) {
    return backend().take_lease(epoch);
}

void postgres_store::end_lease() {
    if (backend().shares_order()) backend().end_lease();
}

result<order_row> postgres_store::read() {
    return backend().read_order();
}

result<order_row> postgres_store::confirm() {
    return backend().confirm_order();
}

result<std::uint64_t> postgres_store::raise(std::uint64_t seen, std::uint64_t floor,
                                            const std::string& incarnation) {
    return backend().raise_order(seen, floor, incarnation);
}

bool migrate_postgres(const postgres_options& options) {
    using namespace postgres;
    try {
        watchdog watching;
        connection db{target_of(options), watching, migration_time};
        if (check_database(db, options.name) == readiness::current) return false;
        migrate(db);
        return true;
    } catch (const failure& why) {
        throw std::runtime_error{explain(why, options.name)};
    }
}

}  // namespace parley
