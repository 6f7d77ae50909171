#include "server/net/connection_ledger.hpp"

#include "tests/support/catch.hpp"

namespace parley {

TEST_CASE("an address gets no more connections than its limit, and another one is not the worse for it") {
    connection_ledger ledger{{2, 0}};
    auto first = ledger.enter("10.0.0.1", true);
    const auto second = ledger.enter("10.0.0.1", true);
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(ledger.enter("10.0.0.1", true));
    CHECK(ledger.enter("10.0.0.2", true));

    first = {};
    CHECK(ledger.enter("10.0.0.1", true));
}

TEST_CASE("a whole request makes room for the next unfinished connection") {
    connection_ledger ledger{{0, 1}};
    auto first = ledger.enter("::1", true);
    CHECK_FALSE(ledger.enter("::1", true));
    CHECK(ledger.enter("::1", false));
    first.finish();
    first.finish();
    const auto second = ledger.enter("::1", true);
    CHECK(second);
    CHECK_FALSE(ledger.enter("::1", true));
}

TEST_CASE("a ticket that was given on is given up once") {
    connection_ledger ledger{{1, 1}};
    {
        auto first = ledger.enter("::1", true);
        const auto moved = std::move(first);
        CHECK_FALSE(ledger.enter("::1", true));
    }
    CHECK(ledger.enter("::1", true));
}

}  // namespace parley
