#include "server/api/sign_in_throttle.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace parley;

TEST_CASE("after five failures of an account from an address the sixth try waits for the oldest to leave") {
    sign_in_throttle throttle{5, 900'000, 100};
    for (int i = 0; i < 5; ++i)
        CHECK(throttle.attempt("ann", "1.2.3.4", i * 1'000) == 0);
    CHECK(throttle.attempt("ann", "1.2.3.4", 5'000) == 895'000);
    CHECK(throttle.wait("ann", "1.2.3.4", 899'999) == 1);
    CHECK(throttle.wait("ann", "1.2.3.4", 900'000) == 0);
    CHECK(throttle.attempt("ann", "1.2.3.4", 900'000) == 0);
    CHECK(throttle.attempt("ann", "1.2.3.4", 900'500) == 500);
}

TEST_CASE("other accounts and other addresses are not held back") {
    sign_in_throttle throttle{1, 1'000, 100};
    CHECK(throttle.attempt("ann", "1.2.3.4", 0) == 0);
    CHECK(throttle.attempt("bob", "1.2.3.4", 0) == 0);
    CHECK(throttle.attempt("ann", "1.2.3.5", 0) == 0);
    CHECK(throttle.attempt("ann", "1.2.3.4", 0) > 0);
}

TEST_CASE("a success forgets the failures before it") {
    sign_in_throttle throttle{2, 1'000, 100};
    CHECK(throttle.attempt("ann", "1.2.3.4", 0) == 0);
    CHECK(throttle.attempt("ann", "1.2.3.4", 1) == 0);
    throttle.succeeded("ann", "1.2.3.4");
    CHECK(throttle.keys() == 0);
    CHECK(throttle.attempt("ann", "1.2.3.4", 2) == 0);
}

TEST_CASE("a refused try is not a failure, so waiting helps") {
    sign_in_throttle throttle{1, 1'000, 100};
    CHECK(throttle.attempt("ann", "1.2.3.4", 0) == 0);
    for (int i = 1; i < 100; ++i)
        CHECK(throttle.attempt("ann", "1.2.3.4", i) == 1'000 - i);
    CHECK(throttle.attempt("ann", "1.2.3.4", 1'000) == 0);
}

TEST_CASE("one network of IPv6 is one address") {
    sign_in_throttle throttle{1, 1'000, 100};
    CHECK(throttle.attempt("ann", "2001:db8:0:1::1", 0) == 0);
    CHECK(throttle.attempt("ann", "2001:db8:0:1:ffff::2", 0) > 0);
    CHECK(throttle.attempt("ann", "2001:db8:0:2::1", 0) == 0);
}

TEST_CASE("it remembers so many and forgets who came longest ago") {
    sign_in_throttle throttle{1, 1'000, 3};
    for (const char* name : {"a", "b", "c", "d"})
        CHECK(throttle.attempt(name, "1.2.3.4", 0) == 0);
    CHECK(throttle.keys() == 3);
    CHECK(throttle.wait("a", "1.2.3.4", 0) == 0);
    CHECK(throttle.wait("b", "1.2.3.4", 0) > 0);
}
