#include "server/open_store.hpp"

#include "server/ops/log.hpp"
#include "server/store/memory_store.hpp"
#include "server/store/sqlite_store.hpp"
#include "server/surroundings.hpp"

namespace parley {
namespace {

template <class Store>
opened_store both_ports(std::shared_ptr<Store> store) {
    return {store, store.get(), store->payload_key()};
}

opened_store open_memory() {
    log_line line;
    line.level = log_line::level::warn;
    line.event = "open_store";
    line.message = "in memory: nothing is kept when the server ends";
    write_log(line);
    return both_ports(
        std::make_shared<memory_store>(hash_key{draw_entropy(), draw_entropy()}, read_clocks().wall_ms));
}

opened_store open_file(const config& options) {
    sqlite_options file;
    file.folder = options.data;
    return both_ports(std::make_shared<sqlite_store>(std::move(file)));
}

}  // namespace

opened_store open_store(const config& options) {
    return options.store == store_kind::memory ? open_memory() : open_file(options);
}

}  // namespace parley
