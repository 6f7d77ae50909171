#include "server/open_store.hpp"

#include "server/ops/log.hpp"
#include "server/store/memory_store.hpp"
#include "server/store/postgres_store.hpp"
#include "server/store/sqlite_store.hpp"
#include "server/surroundings.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace parley {
namespace {

template <class Store>
opened_store all_ports(std::shared_ptr<Store> store, epoch_register* epochs = nullptr) {
    return {store, store.get(), epochs, store->payload_key()};
}

void say(enum log_line::level level, std::string message) {
    write_log({level, "open_store", {}, {}, {}, std::move(message), {}});
}

opened_store open_memory() {
    say(log_line::level::warn, "in memory: nothing is kept when the server ends");
    return all_ports(
        std::make_shared<memory_store>(hash_key{draw_entropy(), draw_entropy()}, read_clocks().wall_ms));
}

opened_store open_file(const config& options) {
    sqlite_options file;
    file.folder = options.data;
    return all_ports(std::make_shared<sqlite_store>(std::move(file)));
}

postgres_options database_of(const config& options) {
    postgres_options database;
    database.target = options.database.target;
    database.name = options.database.name;
    if (options.backbone) database.holder = fmt::format("{:016x}", draw_entropy());
    return database;
}

opened_store open_database(const config& options) {
    auto store = std::make_shared<postgres_store>(database_of(options));
    say(log_line::level::info, "PostgreSQL: " + options.database.name);
    auto* epochs = store.get();
    return all_ports(std::move(store), epochs);
}

}  // namespace

opened_store open_store(const config& options) {
    switch (options.store) {
    case store_kind::memory: return open_memory();
    case store_kind::postgres: return open_database(options);
    case store_kind::sqlite: break;
    }
    return open_file(options);
}

bool migrate_store(const config& options) {
    if (options.store != store_kind::postgres)
        throw std::runtime_error{"only tables in PostgreSQL are migrated by hand: name them with --store"};
    return migrate_postgres(database_of(options));
}

}  // namespace parley
