#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <future>
#include <set>

using parley::testing::http_client;
using parley::testing::http_reply;
using parley::testing::server_process;

namespace {

namespace json = boost::json;

const std::vector<std::string> unlimited{"--message-rate", "0"};

std::string code_of(const http_reply& reply) {
    const auto body = json::parse(reply.body);
    return body.as_object().contains("error") ? std::string{body.at("error").at("code").as_string()}
                                              : std::string{};
}

void sign_up(http_client& who, const std::string& name) {
    REQUIRE(
        who.post("/api/accounts", R"({"username":")" + name + R"(","password":"correct horse"})").status ==
        201);
}

std::string create_room(http_client& who, const std::string& name) {
    const auto made = who.post("/api/rooms", R"({"name":")" + name + R"("})");
    REQUIRE(made.status == 201);
    return "/api/rooms/" + std::string{json::parse(made.body).at("id").as_string()};
}

http_reply say(http_client& who, const std::string& room, const std::string& text,
               const std::string& key = {}) {
    return who.post(room + "/messages", json::serialize(json::object{{"text", text}}),
                    {{"Idempotency-Key", key}});
}

std::string texts(http_client& who, const std::string& room, const std::string& query = {}) {
    const auto reply = who.get(room + "/messages" + query);
    REQUIRE(reply.status == 200);
    std::string all;
    const auto body = json::parse(reply.body);
    for (const auto& message : body.at("messages").as_array())
        all += (all.empty() ? "" : " ") + std::string{message.at("text").as_string()};
    return all;
}

}  // namespace

TEST_CASE("two people talk over HTTP, with one hub and with two") {
    const auto hubs = GENERATE("1", "2");
    server_process server{{"--message-rate", "0", "--hubs", hubs}};
    http_client ann{server.port()}, bob{server.port()};
    sign_up(ann, "ann");
    sign_up(bob, "bob");
    const auto room = create_room(ann, "tea");

    CHECK(code_of(say(bob, room, "too early")) == "not_member");
    CHECK(bob.get(room + "/messages").status == 403);
    const auto joined = bob.post(room + "/join");
    CHECK(joined.status == 200);
    CHECK(bob.post(room + "/join").body == joined.body);

    for (int i = 0; i < 5; ++i) {
        CHECK(say(ann, room, "a" + std::to_string(i)).status == 201);
        CHECK(say(bob, room, "b" + std::to_string(i)).status == 201);
    }
    CHECK(texts(bob, room) == "a0 b0 a1 b1 a2 b2 a3 b3 a4 b4");
    CHECK(texts(ann, room, "?limit=3") == "b3 a4 b4");

    CHECK(bob.post(room + "/leave").status == 200);
    CHECK(bob.post(room + "/leave").status == 200);
    CHECK(code_of(say(bob, room, "too late")) == "not_member");
    CHECK(code_of(say(ann, "/api/rooms/01ARZ3NDEKTSV4RRFFQ69G5FAV", "nowhere")) == "no_such_room");
}

TEST_CASE("a message under one key is stored once, over a crash too") {
    server_process server{unlimited};
    http_client ann{server.port()}, bob{server.port()};
    sign_up(ann, "ann");
    sign_up(bob, "bob");
    const auto room = create_room(ann, "tea");
    REQUIRE(bob.post(room + "/join").status == 200);

    const auto first = say(ann, room, "hello", "order-17");
    CHECK(first.status == 201);
    const auto again = say(ann, room, "hello", "order-17");
    CHECK(again.status == 200);
    CHECK(again.body == first.body);

    const auto other = say(ann, room, "something else", "order-17");
    CHECK(other.status == 409);
    CHECK(code_of(other) == "conflict");
    CHECK(say(bob, room, "mine", "order-17").status == 201);

    server.kill();
    server.start();
    const auto later = say(ann, room, "hello", "order-17");
    CHECK(later.status == 200);
    CHECK(later.body == first.body);
    CHECK(say(ann, room, "something else", "order-17").status == 409);
    CHECK(texts(ann, room) == "hello mine");
}

TEST_CASE("the same request many times at once is stored once, and all hear the same") {
    server_process server{{"--message-rate", "0", "--hubs", "2"}};
    http_client ann{server.port()};
    sign_up(ann, "ann");
    const auto room = create_room(ann, "tea");
    std::vector<std::future<http_reply>> asked;
    for (int i = 0; i < 16; ++i)
        asked.push_back(std::async(std::launch::async, [&, as_ann = ann]() mutable {
            return say(as_ann, room, "hello", "order-17");
        }));
    int first = 0, repeated = 0;
    std::set<std::string> bodies;
    for (auto& one : asked) {
        const auto reply = one.get();
        first += reply.status == 201;
        repeated += reply.status == 200;
        bodies.insert(reply.body);
    }
    CHECK(first == 1);
    CHECK(repeated == 15);
    CHECK(bodies.size() == 1);
    CHECK(texts(ann, room) == "hello");
}

TEST_CASE("an op id from long ago or from the far future is refused, and the server says why") {
    server_process server{unlimited};
    http_client ann{server.port()};
    sign_up(ann, "ann");
    const auto room = create_room(ann, "tea");
    for (const auto* key : {"01ARZ3NDEKTSV4RRFFQ69G5FAV", "7ZZZZZZZZY0000000000000000"}) {
        const auto refused = say(ann, room, "hello", key);
        CHECK(refused.status == 400);
        CHECK(code_of(refused) == "bad_op_id");
    }
    CHECK(texts(ann, room).empty());
}

TEST_CASE("who writes too fast is told when to come back") {
    server_process server{{"--message-burst", "3", "--message-rate", "3"}};
    http_client ann{server.port()};
    sign_up(ann, "ann");
    const auto room = create_room(ann, "tea");
    for (int i = 0; i < 3; ++i)
        CHECK(say(ann, room, std::to_string(i)).status == 201);
    const auto limited = say(ann, room, "3");
    CHECK(limited.status == 429);
    CHECK(code_of(limited) == "rate_limited");
    CHECK(std::stoi(limited.header("Retry-After")) >= 1);
    CHECK(texts(ann, room) == "0 1 2");
}

TEST_CASE("rooms and their members are listed") {
    server_process server{unlimited};
    http_client ann{server.port()}, bob{server.port()};
    sign_up(ann, "ann");
    sign_up(bob, "bob");
    const auto room = create_room(ann, "tea");
    REQUIRE(bob.post(room + "/join").status == 200);
    const auto rooms = json::parse(bob.get("/api/rooms").body);
    CHECK(rooms.at("rooms").as_array().size() == 2);
    const auto members = json::parse(bob.get(room + "/members").body);
    REQUIRE(members.at("members").as_array().size() == 2);
    CHECK(members.at("members").at(0).at("username").as_string() == "ann");
    CHECK(members.at("members").at(1).at("username").as_string() == "bob");
}

TEST_CASE("rooms made twice under one key are one room") {
    server_process server{unlimited};
    http_client ann{server.port()};
    sign_up(ann, "ann");
    const auto create = [&] {
        return ann.post("/api/rooms", R"({"name":"tea"})", {{"Idempotency-Key", "k"}});
    };
    const auto first = create();
    const auto again = create();
    CHECK(first.status == 201);
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
}
