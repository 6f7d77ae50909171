#include "server/api/worker_pool.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <thread>

using namespace parley;

TEST_CASE("jobs run beside each other, as many as there are threads") {
    worker_pool pool{2, 10};
    std::promise<void> first, second, done;
    REQUIRE(pool.post([&] {
        first.set_value();
        second.get_future().wait();
        done.set_value();
    }));
    first.get_future().wait();
    REQUIRE(pool.post([&] { second.set_value(); }));
    CHECK(done.get_future().wait_for(std::chrono::seconds{10}) == std::future_status::ready);
}

TEST_CASE("what waits is bounded, and what is too much is refused") {
    worker_pool pool{1, 2};
    std::promise<void> started, go;
    std::atomic<int> ran = 0;
    REQUIRE(pool.post([&] {
        started.set_value();
        go.get_future().wait();
    }));
    started.get_future().wait();
    std::promise<void> last;
    CHECK(pool.post([&] { ++ran; }));
    CHECK(pool.post([&] {
        ++ran;
        last.set_value();
    }));
    CHECK_FALSE(pool.post([&] { ++ran; }));
    go.set_value();
    last.get_future().wait();
    CHECK(ran == 2);
}

TEST_CASE("at its end it finishes what runs, drops what waits and takes no more") {
    const auto held = std::make_shared<int>(0);
    worker_pool pool{1, 10};
    std::promise<void> started, go;
    REQUIRE(pool.post([&] {
        started.set_value();
        go.get_future().wait();
    }));
    started.get_future().wait();
    std::atomic<bool> ran = false;
    REQUIRE(pool.post([&, held] { ran = true; }));
    auto ended = std::async(std::launch::async, [&] { pool.end(); });
    while (held.use_count() > 1)
        std::this_thread::yield();
    go.set_value();
    ended.get();
    CHECK_FALSE(ran);
    CHECK_FALSE(pool.post([] {}));
}
