#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <chrono>

using parley::testing::http_client;
using parley::testing::server_process;

namespace {

const std::string ann_is = R"({"username":"ann","password":"correct horse"})";
const std::string bob_is = R"({"username":"bob","password":"correct horse"})";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string code_of(const parley::testing::http_reply& reply) {
    const std::string before = R"({"error":{"code":")";
    if (!reply.body.starts_with(before)) return {};
    return reply.body.substr(before.size(), reply.body.find('"', before.size()) - before.size());
}

/// What stands between the first `before` and the next `after`.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto at = text.find(before);
    if (at == std::string::npos) return {};
    const auto from = at + before.size();
    return text.substr(from, text.find(after, from) - from);
}

}  // namespace

TEST_CASE("an account, its session and its end, over HTTP") {
    server_process server;
    http_client ann{server.port()};
    CHECK(ann.get("/api/session").status == 401);

    const auto made = ann.post("/api/accounts", ann_is);
    CHECK(made.status == 201);
    CHECK(has(made.body, R"("username":"ann")"));
    CHECK(ann.cookie().starts_with("parley="));
    CHECK(ann.get("/api/session").body == made.body);

    http_client phone{server.port()};
    CHECK(phone.post("/api/session", ann_is).status == 200);
    CHECK(ann.remove("/api/session").status == 204);
    CHECK(ann.cookie().empty());
    CHECK(ann.get("/api/session").status == 401);
    CHECK(phone.get("/api/session").status == 200);
}

TEST_CASE("accounts, sessions and tokens outlive a crash of the server") {
    server_process server;
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", ann_is).status == 201);
    const auto token = between(ann.post("/api/tokens", R"({"name":"bot"})").body, R"("token":")", "\"");
    server.kill();
    server.start();
    CHECK(ann.get("/api/session").status == 200);
    http_client bot{server.port()};
    bot.use_token(token);
    CHECK(bot.get("/api/rooms").status == 200);
    CHECK(bot.post("/api/rooms", R"({"name":"tea"})").status == 201);
}

TEST_CASE("a fresh account stands in general, which nobody leaves") {
    server_process server;
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", ann_is).status == 201);
    const auto rooms = ann.get("/api/rooms").body;
    CHECK(has(rooms, R"("name":"general")"));
    CHECK(has(rooms, R"("joined":true)"));
    const auto refused = ann.post("/api/rooms/" + between(rooms, R"("id":")", "\"") + "/leave");
    CHECK(refused.status == 403);
    CHECK(code_of(refused) == "must_stay");
}

TEST_CASE("where the server is invited to only, the owner types the printed code and others follow a link") {
    server_process server{{"--registration", "invite"}};
    http_client ann{server.port()}, bob{server.port()};
    CHECK(code_of(ann.post("/api/accounts", ann_is)) == "registration_closed");

    const auto code = between(server.output(), "invitation is: ", "\n");
    REQUIRE(code.size() == 23);
    const auto with = [](std::string who, const std::string& invite) {
        who.pop_back();
        return who + R"(,"invite":")" + invite + "\"}";
    };
    CHECK(code_of(bob.post("/api/accounts", with(bob_is, "AAAAA-AAAAA-AAAAA-AAAAA"))) == "bad_invite");
    REQUIRE(ann.post("/api/accounts", with(ann_is, code)).status == 201);
    CHECK(bob.post("/api/accounts", with(bob_is, code)).status == 403);

    const auto link = between(ann.post("/api/invites").body, R"("url":")", "\"");
    REQUIRE(link.starts_with(server.origin() + "/#invite="));
    const auto secret = link.substr(link.find('=') + 1);
    CHECK(bob.post("/api/accounts", with(bob_is, secret)).status == 201);
    CHECK(code_of(bob.post("/api/invites")) == "forbidden");
    http_client eve{server.port()};
    CHECK(code_of(eve.post("/api/accounts", with(R"({"username":"eve","password":"correct horse"})",
                                                 secret))) == "bad_invite");

    server.kill();
    server.start();
    CHECK(between(server.output(), code, "invitation is: ").empty() == false);
    CHECK(server.output().rfind("invitation is: ") == server.output().find("invitation is: "));
}

TEST_CASE("five wrong passwords close the door to that account from that address for a while") {
    server_process server;
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", ann_is).status == 201);
    http_client thief{server.port()};
    for (int i = 0; i < 5; ++i)
        CHECK(thief.post("/api/session", R"({"username":"ann","password":"wrong horse"})").status == 401);
    const auto refused = thief.post("/api/session", ann_is);
    CHECK(refused.status == 429);
    CHECK(code_of(refused) == "rate_limited");
    CHECK_FALSE(refused.header("Retry-After").empty());
    CHECK(ann.get("/api/session").status == 200);
}

TEST_CASE("behind TLS the server knows its name, binds its cookie and asks for https from then on") {
    server_process server{{"--url", "https://chat.example.org", "--registration", "open"}};
    const auto code = between(server.output(), "invitation is: ", "\n");
    http_client ann{server.port()};
    const parley::testing::header_list proxied{{"Host", "chat.example.org"},
                                               {"Origin", "https://chat.example.org"}};
    auto body = ann_is;
    body.pop_back();
    const auto made = ann.send("POST", "/api/accounts", body + R"(,"invite":")" + code + "\"}", proxied);
    CHECK(made.status == 201);
    CHECK(made.header("Set-Cookie").starts_with("__Host-parley="));
    CHECK(has(made.header("Set-Cookie"), "; Secure"));
    CHECK(has(made.header("Strict-Transport-Security"), "max-age="));
    CHECK(ann.send("POST", "/api/accounts", ann_is, {{"Host", "chat.example.org"}}).status == 403);
    CHECK(ann.send("GET", "/api/session", "", {{"Host", "other.example.org"}}).status == 421);
}
