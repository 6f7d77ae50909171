#include "server/store/committer_thread.hpp"

#include "server/backbone/local_backbone.hpp"
#include "server/store/memory_store.hpp"
#include "tests/support/catch.hpp"

#include <future>

namespace parley {
namespace {

constexpr auto patience = std::chrono::seconds{10};

append_item message(std::uint64_t number) {
    append_item item;
    item.event.room = general_room;
    item.event.id = {user_id{{1, 1}}, op_id{{1, number}}};
    item.event.author_name = "ann";
    item.event.kind = change_kind::message;
    item.event.text = std::to_string(number);
    item.base = 1;
    item.since = 1;
    item.hash = number;
    return item;
}

struct world {
    memory_store store;
    local_backbone order{store.raise_epoch(1'700'000'000'000, 1).value(), [] { return std::int64_t{0}; }};
    committer_thread thread{store, order, log_sharing::alone, [](bool, const std::string&) {},
                            [](const std::string&) {}};

    void say(std::uint64_t number) {
        auto item = message(number);
        REQUIRE(order.append(order.epoch(), {&item, 1}).front().what == judgement::placed);
    }

    [[nodiscard]] std::uint64_t head() { return store.load_room(general_room)->head; }
};

}  // namespace

TEST_CASE("what is appended is stored and settled without being asked for") {
    world w;
    w.thread.start();
    std::promise<void> told;
    w.order.on_append([&, once = std::make_shared<std::once_flag>()] {
        if (w.order.provisional() == 0) std::call_once(*once, [&] { told.set_value(); });
    });
    const auto before = w.head();
    w.say(1);
    REQUIRE(told.get_future().wait_for(patience) == std::future_status::ready);
    CHECK(w.head() == before + 1);
}

TEST_CASE("a drain writes all that was appended before it") {
    world w;
    const auto before = w.head();
    for (std::uint64_t i = 1; i <= 1'000; ++i)
        w.say(i);
    w.thread.start();
    CHECK(w.thread.drain());
    CHECK(w.head() == before + 1'000);
    CHECK(w.order.provisional() == 0);
}

TEST_CASE("a drain writes read marks too") {
    world w;
    w.thread.start();
    w.thread.mark_read({user_id{{1, 1}}, general_room, 1});
    CHECK(w.thread.drain());
}

}  // namespace parley
