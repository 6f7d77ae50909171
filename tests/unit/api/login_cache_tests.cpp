#include "server/api/login_cache.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

secret_hash secret(std::uint8_t n) {
    secret_hash hash{};
    hash[0] = n;
    return hash;
}

account_store::signed_in who(std::uint8_t n, std::int64_t expires_ms = 0) {
    account_store::signed_in made;
    made.login.id = login_id{{1, n}};
    made.login.expires_ms = expires_ms;
    made.user.name = "user" + std::to_string(n);
    return made;
}

void put(login_cache& cache, std::uint8_t n) {
    cache.put(secret(n), who(n), cache.round());
}

}  // namespace

TEST_CASE("a login that was put is found by its secret, until it expires") {
    login_cache cache{10};
    cache.put(secret(1), who(1, 1'000), cache.round());
    REQUIRE(cache.find(secret(1), 999));
    CHECK(cache.find(secret(1), 999)->user.name == "user1");
    CHECK_FALSE(cache.find(secret(2), 999));
    CHECK_FALSE(cache.find(secret(1), 1'000));
    CHECK_FALSE(cache.find(secret(1), 0));
}

TEST_CASE("an ended login is not found again") {
    login_cache cache{10};
    put(cache, 1);
    put(cache, 2);
    cache.end({login_id{{1, 1}}, login_id{{9, 9}}});
    CHECK_FALSE(cache.find(secret(1), 0));
    CHECK(cache.find(secret(2), 0));
}

TEST_CASE("an answer that was read before a login ended is not kept") {
    login_cache cache{10};
    const auto round = cache.round();
    cache.end({login_id{{1, 1}}});
    cache.put(secret(1), who(1), round);
    CHECK_FALSE(cache.find(secret(1), 0));
}

TEST_CASE("the least recently used goes first") {
    login_cache cache{2};
    put(cache, 1);
    put(cache, 2);
    CHECK(cache.find(secret(1), 0));
    put(cache, 3);
    CHECK(cache.find(secret(1), 0));
    CHECK_FALSE(cache.find(secret(2), 0));
    CHECK(cache.find(secret(3), 0));
}
