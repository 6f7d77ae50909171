#include "shared/policy/backoff.hpp"
#include "shared/policy/circuit_breaker.hpp"
#include "shared/policy/rate_limiter.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

TEST_CASE("waits grow to the maximum, are spread, and start anew after a reset") {
    random_source random{5};
    backoff wait{1000, 30000};
    std::int64_t longest = 0;
    for (int i = 0; i < 10; ++i) {
        const auto ceiling = std::min<std::int64_t>(30000, std::int64_t{1000} << i);
        const auto ms = wait.next(random);
        CHECK(ms <= ceiling);
        CHECK(ms >= ceiling / 10);
        longest = std::max(longest, ms);
    }
    CHECK(longest > 5000);
    wait.reset();
    CHECK(wait.next(random) <= 1000);
}

TEST_CASE("no number of failures overflows the wait") {
    random_source random{6};
    backoff wait{1000, 30000};
    for (int i = 0; i < 10000; ++i)
        CHECK(wait.next(random) <= 30000);
}

TEST_CASE("a burst passes at once, then one token comes back at a time") {
    rate_limiter limiter{10, 10000};
    for (int i = 0; i < 10; ++i)
        CHECK(limiter.take(50) == 0);
    CHECK(limiter.take(50) == 1000);
    CHECK(limiter.take(1049) == 1);
    CHECK(limiter.take(1050) == 0);
    CHECK(limiter.take(1050) == 1000);
    CHECK(limiter.tokens(100000) == 10);
}

TEST_CASE("asking how long to wait takes nothing") {
    rate_limiter limiter{1, 1000};
    CHECK(limiter.wait(0) == 0);
    CHECK(limiter.take(0) == 0);
    CHECK(limiter.wait(400) == 600);
    CHECK(limiter.wait(1000) == 0);
    CHECK(limiter.take(1000) == 0);
}

TEST_CASE("a limiter of nothing lets everything through") {
    rate_limiter limiter;
    for (int i = 0; i < 100; ++i)
        CHECK(limiter.take(0) == 0);
    CHECK_FALSE(limiter.limited());
}

TEST_CASE("a clock that goes back neither gives nor takes tokens") {
    rate_limiter limiter{2, 1000};
    CHECK(limiter.take(10000) == 0);
    CHECK(limiter.take(5000) == 0);
    CHECK(limiter.take(5000) > 0);
    CHECK(limiter.take(10499) > 0);
    CHECK(limiter.take(10500) == 0);
}

TEST_CASE("an uneven rate loses no part of a token") {
    rate_limiter limiter{3, 1000};
    int taken = 0;
    for (std::int64_t now = 0; now < 100000; ++now)
        taken += limiter.take(now) == 0;
    CHECK(taken == 302);
}

TEST_CASE("the breaker opens after failures in a row, tries once later, and closes on success") {
    circuit_breaker breaker{3, 30000};
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded();
    breaker.failed(1);
    breaker.failed(2);
    CHECK(breaker.allows(2));
    breaker.failed(3);
    CHECK(breaker.now() == circuit_breaker::state::open);
    CHECK_FALSE(breaker.allows(30002));
    CHECK(breaker.allows(30003));
    CHECK_FALSE(breaker.allows(30003));
    breaker.failed(30010);
    CHECK_FALSE(breaker.allows(60009));
    CHECK(breaker.allows(60010));
    breaker.succeeded();
    CHECK(breaker.allows(60011));
    CHECK(breaker.now() == circuit_breaker::state::closed);
}
