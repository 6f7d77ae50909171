#include "server/backbone/redis/connection.hpp"
#include "tests/unit/backbone/redis/order.hpp"

#include <chrono>

using namespace parley;
using testing::redis_server;

TEST_CASE("a Redis for a test answers, keeps nothing and can be stopped") {
    redis_server server;
    redis::connection link{testing::address_of(server)};
    CHECK(link.call({"SET", "key", "value"})->is("OK"));
    CHECK(link.call({"CONFIG", "GET", "maxmemory-policy"})->list.at(1).is("noeviction"));

    server.kill();
    const auto cut = link.call({"GET", "key"});
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == errc::unavailable);
    CHECK_FALSE(link.call({"GET", "key"}));

    server.start();
    CHECK(link.call({"GET", "key"})->what == redis::reply::kind::nothing);
    CHECK(link.times_made() == 2);
}

TEST_CASE("a Redis that stands still is given up after three seconds") {
    redis_server server;
    redis::connection link{testing::address_of(server)};
    REQUIRE(link.call({"PING"}));
    server.stop();
    const auto before = std::chrono::steady_clock::now();
    const auto late = link.call({"PING"});
    CHECK_FALSE(late);
    CHECK(late.error().detail.ends_with("no answer within 3 s"));
    CHECK(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds{2'900});
    server.go_on();
    CHECK(link.call({"PING"})->is("PONG"));
}

TEST_CASE("a wrong password is one line without the password") {
    redis_server server{{"--requirepass", "secret"}};
    auto where = testing::address_of(server);
    where.password = "guess";
    redis::connection link{where};
    const auto refused = link.call({"PING"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::forbidden);
    CHECK(refused.error().detail.find("refuses the password: WRONGPASS") != std::string::npos);
    CHECK(refused.error().detail.find("guess") == std::string::npos);
    where.password = "secret";
    CHECK(redis::connection{where}.call({"PING"})->is("PONG"));
}

TEST_CASE("the URL of a Redis is read, and a wrong one refused without being repeated") {
    const auto all = redis::parse_address("redis://me:p%40ss@example.org:7000/3");
    REQUIRE(all);
    CHECK(all->host == "example.org");
    CHECK(all->port == 7000);
    CHECK(all->user == "me");
    CHECK(all->password == "p@ss");
    CHECK(all->database == 3);
    CHECK(all->text() == "redis://example.org:7000/3");
    CHECK(redis::parse_address("redis://:pw@[::1]")->text() == "redis://[::1]:6379");
    CHECK(redis::parse_address("unix:///run/redis.sock")->text() == "unix:///run/redis.sock");
    for (const auto* wrong : {"", "localhost", "redis:", "redis://", "http://host", "redis://host:0",
                              "redis://host:99999", "redis://host/x", "redis://host/-1", "redis://host?x=1",
                              "redis://user@host", "unix://host/x", "unix:///"}) {
        INFO(wrong);
        const auto refused = redis::parse_address(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().detail.starts_with("redis://HOST"));
    }
}
