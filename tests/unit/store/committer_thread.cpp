#include "server/store/committer_thread.hpp"

#include "server/backbone/local_backbone.hpp"
#include "server/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/waiting.hpp"

#include <atomic>
#include <functional>
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

/// While it writes, something comes that is to be written next.
class never_idle final : public memory_store {
public:
    using memory_store::memory_store;

    [[nodiscard]] commit_outcome commit(const commit_batch& batch,
                                        std::span<const settled_void> voided) override {
        if (meanwhile) meanwhile();
        return memory_store::commit(batch, voided);
    }

    [[nodiscard]] std::optional<std::string> refusal() override {
        ++looks;
        return {};
    }

    std::function<void()> meanwhile;
    std::atomic<int> looks{0};
};

struct world {
    never_idle store;
    local_backbone order{store.raise_epoch(1'700'000'000'000, 1).value(), [] { return std::int64_t{0}; }};
    committer_thread thread{store, order, log_sharing::alone, [](bool, const std::string&) {},
                            [](const std::string&) {}};

    void say(std::uint64_t number) {
        auto item = message(number);
        REQUIRE(order.append(order.epoch(), {&item, 1}).front().what == judgement::placed);
    }

    void join() {
        auto item = message(0);
        item.event.kind = change_kind::join;
        REQUIRE(order.append(order.epoch(), {&item, 1}).front().what == judgement::placed);
    }

    /// How far the one user has read, as far as that is stored.
    [[nodiscard]] std::uint64_t read() {
        const auto rooms = store.rooms_of(user_id{{1, 1}});
        return rooms->empty() ? 0 : rooms->front().read;
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
    w.join();
    w.say(1);
    w.say(2);
    w.thread.start();
    w.thread.mark_read({user_id{{1, 1}}, general_room, w.head() + 2});
    CHECK(w.thread.drain());
    CHECK(w.read() == w.head() - 1);
}

TEST_CASE("while there is always something to write, read marks are written and the store is looked at") {
    world w;
    std::uint64_t number = 0;
    w.store.meanwhile = [&] {
        auto item = message(++number);
        item.since = number;
        (void)w.order.append(w.order.epoch(), {&item, 1});
    };
    w.join();
    w.thread.start();
    REQUIRE(testing::wait_until(patience, [&] { return w.head() > 100; }));
    w.thread.mark_read({user_id{{1, 1}}, general_room, 100});
    CHECK(testing::wait_until(patience, [&] { return w.read() == 100; }));
    CHECK(testing::wait_until(patience, [&] { return w.store.looks > 1; }));
}

}  // namespace parley
