#pragma once

#include "server/backbone/local_backbone.hpp"
#include "server/backbone/redis/redis_backbone.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/backbone/memory_register.hpp"
#include "tests/unit/backbone/redis/order.hpp"

#include <chrono>
#include <future>

/// The contract of the port runs against every backbone: TEMPLATE_TEST_CASE("…", "", PARLEY_BACKBONES).
namespace parley::testing {

inline constexpr auto patience = std::chrono::seconds{20};

template <class Predicate>
[[nodiscard]] bool comes_true(Predicate holds) {
    return wait_until(patience, holds);
}

/// Appends, answered as soon as the answer comes, and the log as one reader sees it.
class hub_of {
public:
    explicit hub_of(backbone& order) : order_(order), position_(order.end()) {}

    [[nodiscard]] std::future<appended> give(std::vector<append_item> items) {
        auto promise = std::make_shared<std::promise<appended>>();
        auto future = promise->get_future();
        auto now = order_.append(order_.epoch(), std::move(items),
                                 [promise](appended got) { promise->set_value(std::move(got)); });
        if (now) promise->set_value(*std::move(now));
        return future;
    }

    std::vector<append_answer> append(std::vector<append_item> items) {
        auto future = give(std::move(items));
        REQUIRE(future.wait_for(patience) == std::future_status::ready);
        return future.get().answers;
    }

    append_answer append(append_item item) { return append(std::vector{std::move(item)})[0]; }

    /// Offers it until it has a place, as a client would.
    append_answer insist(const append_item& item) {
        append_answer got;
        REQUIRE(comes_true([&] {
            got = append(item);
            return got.what == judgement::placed || got.what == judgement::duplicate;
        }));
        return got;
    }

    /// All that was read so far.
    const std::vector<log_entry_ptr>& read() {
        for (bool more = true; more;) {
            auto news = order_.read(position_);
            gaps += news.gap;
            position_ = news.position;
            more = news.more;
            read_.insert(read_.end(), news.entries.begin(), news.entries.end());
        }
        return read_;
    }

    template <class Entry>
    std::vector<Entry> all() {
        std::vector<Entry> found;
        for (const auto& entry : read())
            if (const auto* one = std::get_if<Entry>(entry.get())) found.push_back(*one);
        return found;
    }

    template <class Entry>
    void wait_for(std::size_t count) {
        REQUIRE(comes_true([&] { return all<Entry>().size() >= count; }));
    }

    std::size_t gaps = 0;

private:
    backbone& order_;
    log_position position_;
    std::vector<log_entry_ptr> read_;
};

struct in_process {
    local_backbone backbone_{5, [] { return std::int64_t{0}; }};
    backbone& order = backbone_;
    hub_of hub{order};

    void next_epoch() { backbone_.begin(order.epoch() + 1); }

    void settle(const settled_entry& settled) { order.settle(settled); }
};

/// Shorter than in the product, so that no test waits for six seconds.
inline redis::backbone_options quick(const redis::address& where) {
    redis::backbone_options options;
    options.where = where;
    options.database = database;
    options.epochs.lost_ms = 200;
    options.epochs.retry_ms = 10;
    options.epochs.quiet_ms = 300;
    return options;
}

struct over_redis {
    explicit over_redis(std::vector<std::string> more = {}) : server(std::move(more)) {
        REQUIRE(comes_true([this] { return order.epoch() != 0; }));
        hub.wait_for<epoch_entry>(1);
    }

    /// Stored first, as a committer does: a log that is behind what is settled is a store that went back.
    void settle(const settled_entry& settled) {
        store.store_up_to(settled.upto);
        order.settle(settled);
    }

    void next_epoch() {
        const auto before = order.epoch();
        REQUIRE(redis::connection{address_of(server)}.call({"FLUSHALL"}));
        REQUIRE(comes_true([&] { return order.epoch() != before; }));
    }

    redis_server server;
    memory_register store;
    redis::redis_backbone backbone_{quick(address_of(server)), store};
    backbone& order = backbone_;
    hub_of hub{order};
};

}  // namespace parley::testing

#define PARLEY_BACKBONES parley::testing::in_process, parley::testing::over_redis
