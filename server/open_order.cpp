#include "server/open_order.hpp"

#include "server/backbone/local_backbone.hpp"
#include "server/backbone/redis/redis_backbone.hpp"
#include "server/ops/crash_points.hpp"
#include "server/ops/log.hpp"
#include "server/store/confirmed_store.hpp"
#include "server/surroundings.hpp"
#include "shared/base/hash.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace parley {
namespace {

using namespace std::chrono_literals;

constexpr auto epoch_patience = 15s;

opened_order order_alone(const opened_store& store) {
    const auto epoch = store.rooms->raise_epoch(read_clocks().wall_ms, draw_entropy());
    if (!epoch) throw std::runtime_error{"no epoch can be begun: " + epoch.error().detail};
    PARLEY_CRASH_POINT(epoch_raised);
    const auto own = std::make_shared<local_backbone>(*epoch, [] { return read_clocks().mono_ms; });
    return {own, own.get(), store.rooms};
}

/// Of keys in Redis: the same for all servers on one database, and of no other.
std::string database_id(const hash_key& payload_key) {
    constexpr std::array<std::uint8_t, 5> purpose{'r', 'e', 'd', 'i', 's'};
    return fmt::format("{:016x}", sip_hash(payload_key, purpose));
}

void say(std::string message) {
    write_log({log_line::level::info, "open_order", {}, {}, {}, std::move(message), {}});
}

opened_order order_together(const config& options, const opened_store& store, order_changed tell) {
    redis::backbone_options how;
    how.where = *options.backbone;
    how.database = database_id(store.payload_key);
    how.tell = std::move(tell);
    const auto log = std::make_shared<redis::redis_backbone>(std::move(how), *store.register_of_epochs);
    say("Redis orders: " + options.backbone->text() + "; waiting for an epoch");
    if (const auto why = log->wait_until_working(epoch_patience); !why.empty())
        throw std::runtime_error{"no epoch can be begun on " + options.backbone->text() + ": " + why};
    auto rooms = std::make_shared<confirmed_store>(*store.rooms, *store.register_of_epochs, *log);
    return {log, nullptr, std::move(rooms)};
}

}  // namespace

opened_order open_order(const config& options, const opened_store& store, order_changed tell) {
    if (!options.backbone) return order_alone(store);
    if (!store.register_of_epochs)
        throw std::runtime_error{
            "--backbone needs a database that servers can share: give --store postgres://…"};
    return order_together(options, store, std::move(tell));
}

}  // namespace parley
