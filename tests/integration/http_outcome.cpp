#include "server/store/sqlite_database.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <future>
#include <optional>

/// The store stalls: another program holds the database. What then becomes of a request is not known in time.
using namespace parley;
using namespace parley::testing;

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds patience{30};

/// Nobody else can write as long as it lives.
class stalled_store {
public:
    explicit stalled_store(const server_process& server)
        : database_(server.data() / "parley.db", sqlite::access::write) {
        database_.set_busy_timeout(patience);
        whole_.emplace(database_, sqlite::transaction::kind::writing);
    }

private:
    sqlite::database database_;
    std::optional<sqlite::transaction> whole_;
};

std::string code_of(const http_reply& reply) {
    const auto body = json::parse(reply.body);
    return body.as_object().contains("error") ? std::string{body.at("error").at("code").as_string()}
                                              : std::string{};
}

/// Asks until `holds` of the answer; the last answer if it never did.
template <class Ask, class Predicate>
http_reply ask_until(Ask ask, Predicate holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto reply = ask();
    while (!holds(reply) && std::chrono::steady_clock::now() < deadline)
        reply = ask();
    return reply;
}

bool is_final(const http_reply& reply) {
    return reply.status != 503;
}

/// Ann in a room of hers.
struct fixture {
    server_process server{{"--message-rate", "0"}};
    http_client ann{server.port()};
    std::string messages;

    fixture() {
        REQUIRE(ann.post("/api/accounts", R"({"username":"ann","password":"correct horse"})").status == 201);
        const auto made = ann.post("/api/rooms", R"({"name":"tea"})");
        REQUIRE(made.status == 201);
        messages = "/api/rooms/" + std::string{json::parse(made.body).at("id").as_string()} + "/messages";
    }

    http_reply say(const std::string& text, const std::string& key) {
        auto as_ann = ann;
        return as_ann.post(messages, R"({"text":")" + text + "\"}", {{"Idempotency-Key", key}});
    }

    json::array stored() { return json::parse(ann.get(messages).body).at("messages").as_array(); }
};

}  // namespace

TEST_CASE("a message that is not stored within five seconds has an unknown outcome, and asking again tells") {
    fixture world;
    {
        const stalled_store stall{world.server};
        const auto begun = std::chrono::steady_clock::now();
        auto twin = std::async(std::launch::async, [&] { return world.say("hello", "order-17"); });
        const auto first = world.say("hello", "order-17");
        const auto took = std::chrono::steady_clock::now() - begun;
        for (const auto& reply : {first, twin.get()}) {
            CHECK(reply.status == 503);
            CHECK(code_of(reply) == "outcome_unknown");
            CHECK_FALSE(reply.header("Retry-After").empty());
        }
        CHECK(took >= std::chrono::seconds{5});
        CHECK(world.stored().empty());

        const auto unwell = ask_until([&] { return world.ann.get("/health"); },
                                      [](const http_reply& reply) { return reply.status == 503; });
        CHECK(unwell.status == 503);
        CHECK(json::parse(unwell.body).at("checks").at("store").as_string() != "ok");
        const auto other = world.say("not now", "order-18");
        CHECK(other.status == 503);
        CHECK(code_of(other) == "busy");
    }
    const auto again = ask_until([&] { return world.say("hello", "order-17"); }, is_final);
    CHECK(again.status == 200);
    CHECK(world.say("hello", "order-17").body == again.body);
    CHECK(code_of(world.say("something else", "order-17")) == "conflict");

    const auto stored = world.stored();
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].at("text").as_string() == "hello");
    const auto told = json::parse(again.body);
    for (const auto* field : {"id", "seq", "time"})
        CHECK(stored[0].at(field) == told.at(field));
    CHECK(ask_until([&] { return world.ann.get("/health"); }, is_final).status == 200);
    CHECK(world.say("not now", "order-18").status == 201);
}

TEST_CASE("a message whose outcome was unknown when the server died is stored once by asking again") {
    fixture world;
    {
        const stalled_store stall{world.server};
        CHECK(code_of(world.say("hello", "order-17")) == "outcome_unknown");
        world.server.kill();
    }
    world.server.start();
    CHECK(world.say("hello", "order-17").status == 201);
    CHECK(world.say("hello", "order-17").status == 200);
    CHECK(world.stored().size() == 1);
}
