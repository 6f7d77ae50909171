#include "server/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

#include <boost/json/parse.hpp>

#include <regex>
#include <set>
#include <sstream>

/// The log of a busy server that tells all it can tell.
using namespace parley;
using namespace parley::testing;

namespace {

namespace json = boost::json;

/// Whatever must never be read in a log holds this word, or is noted in `secrets`.
const std::string mark = "hushhush";

const std::regex form{
    R"(\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] \[(DEBUG|INFO|WARN|ERROR)\] \[([a-z_]+)\] )"
    R"(socket=(-|[0-9A-HJKMNP-TV-Z]{26}) userId=(-|[0-9A-HJKMNP-TV-Z]{26}) roomId=(-|[0-9A-HJKMNP-TV-Z]{26}) )"
    R"(msg="(?:[^"\\]|\\.)*" meta=(\{.*\}))"};

std::string text_in(const std::string& body, const std::string& field) {
    return std::string{json::parse(body).at(field).as_string()};
}

std::string person(const std::string& name, const std::string& password, const std::string& invite = {}) {
    return R"({"username":")" + name + R"(","password":")" + password + R"(","invite":")" + invite + "\"}";
}

/// An invited-only server and what was said to it that is nobody else's business.
struct busy_server {
    server_process server{{"--log-level", "debug", "--registration", "invite", "--message-rate", "0"}};
    http_client ann{server.port()};
    http_client bob{server.port()};
    std::set<std::string> secrets;

    void keep(const std::string& cookie) { secrets.insert(cookie.substr(cookie.find('=') + 1)); }

    void make_accounts();
    void use_tokens();
    void talk();
    void send_what_is_refused();
    void sign_out();
};

void busy_server::make_accounts() {
    const auto said = server.output();
    const auto from = said.find("invitation is: ") + 15;
    const auto code = said.substr(from, said.find('\n', from) - from);
    REQUIRE(code.size() == 23);
    secrets.insert(code);
    bob.post("/api/accounts", person("bob", mark + " 0", "WRONG-WRONG-WRONG-" + mark));
    REQUIRE(ann.post("/api/accounts", person("ann", mark + " 1", code)).status == 201);
    keep(ann.cookie());
    const auto link = text_in(ann.post("/api/invites").body, "url");
    const auto invite = link.substr(link.find('=') + 1);
    secrets.insert(invite);
    REQUIRE(bob.post("/api/accounts", person("bob", mark + " 2", invite)).status == 201);
    keep(bob.cookie());
    bob.post("/api/session", person("bob", mark + " wrong"));
    bob.post("/api/session", person(mark + " is no name", mark + " wrong"));
    REQUIRE(bob.post("/api/session", person("bob", mark + " 2")).status == 200);
    keep(bob.cookie());
}

void busy_server::use_tokens() {
    const auto token = text_in(bob.post("/api/tokens", R"({"name":"bot"})").body, "token");
    secrets.insert(token);
    http_client bot{server.port()};
    bot.use_token(token);
    CHECK(bot.get("/api/rooms?token=" + mark).status == 200);
    bot.use_token(mark);
    CHECK(bot.get("/api/rooms").status == 401);
    http_client stranger{server.port()};
    stranger.set_cookie("parley=" + mark);
    CHECK(stranger.get("/api/session").status == 401);
}

void busy_server::talk() {
    const auto made = ann.post("/api/rooms", R"({"name":")" + mark + R"( room","topic":")" + mark + "\"}");
    REQUIRE(made.status == 201);
    const auto room = text_in(made.body, "id");
    CHECK(bob.post("/api/rooms/" + room + "/join").status == 200);
    CHECK(bob.post("/api/rooms/" + room + "/messages", R"({"text":")" + mark + " by HTTP\"}",
                   {{"Idempotency-Key", mark}})
              .status == 201);

    const auto user =
        *parse_ulid(json::parse(ann.get("/api/session").body).at("user").at("id").as_string().c_str());
    native_profile profile{server.port(), "ann", ann.cookie(), user_id{user}, ulid{1, 1}, {}};
    native_client talker{profile};
    const room_id tea{*parse_ulid(room)};
    talker.show(tea);
    REQUIRE(run_until({talker}, [&] { return talker.caught_up(tea); }));
    for (int i = 0; i < 20; ++i)
        talker.say(tea, mark + " over the socket");
    talker.say(room_id{ulid{7, 7}}, mark + " into nowhere");
    REQUIRE(run_until({talker}, [&] { return talker.texts(tea).size() == 21; }));
    talker.cut();
    REQUIRE(run_until({talker}, [&] { return talker.live(); }));
    CHECK(bob.post("/api/rooms/" + room + "/leave").status == 200);
    CHECK(bob.post("/api/rooms/" + room + "/messages", R"({"text":")" + mark + " by a stranger\"}").status ==
          403);
}

void busy_server::send_what_is_refused() {
    const auto path = "/api/rooms/" + to_text(general_room) + "/messages";
    ann.post(path, R"({"text":")" + mark + std::string(10'001, 'x') + "\"}");
    ann.post(path, R"({"text":")" + mark + "\xff\"}");
    ann.post(path, R"({"text":")" + mark + R"(","text":"twice"})");
    ann.post(path, R"({"text":)" + mark);
    ann.post(path, R"({"text":"x"})", {{"Idempotency-Key", std::string(65, 'x') + mark}});
    ann.get("/api/" + mark + "?" + mark);
    ann.send("GET", "/api/rooms", "", {{"Origin", "http://" + mark + ".example"}});
    ann.send("POST", "/api/rooms", "{}", {{"Origin", "http://" + mark + ".example"}});
    ann.send("GET", "/", "", {{"Host", mark + ".example"}});
    static_cast<void>(raw_exchange(server.port(), mark + "\r\n\r\n"));
}

void busy_server::sign_out() {
    CHECK(ann.remove("/api/session").status == 204);
    const auto reset = run_parleyd({"reset-password", "bob", "--data", server.data().string()});
    REQUIRE(reset.exit_code == 0);
    secrets.insert(reset.out.substr(reset.out.rfind(' ') + 1, 23));
}

}  // namespace

TEST_CASE(
    "each line of a busy server's log has its form, and none tells what people said or signed in with") {
    busy_server world;
    world.make_accounts();
    world.use_tokens();
    world.talk();
    world.send_what_is_refused();
    world.sign_out();
    CHECK(world.server.stop() == 0);

    std::set<std::string> events;
    std::set<std::string> levels;
    std::vector<std::string> others;
    std::istringstream log{world.server.output()};
    for (std::string line; std::getline(log, line);) {
        std::smatch parts;
        if (!std::regex_match(line, parts, form)) {
            others.push_back(line);
            continue;
        }
        INFO(line);
        levels.insert(parts[1]);
        events.insert(parts[2]);
        REQUIRE_NOTHROW(json::parse(parts[6].str()).as_object());
        REQUIRE(line.find(mark) == std::string::npos);
        for (const auto& secret : world.secrets)
            REQUIRE(line.find(secret) == std::string::npos);
    }
    // What the owner is told when it starts, and nothing else.
    REQUIRE(others.size() == 2);
    CHECK(others[0] == "Parley is at " + world.server.origin());
    CHECK(others[1].starts_with("The first account becomes the owner. Its invitation is: "));

    for (const auto* event : {"serve", "create_account", "sign_in", "sign_in_failed", "create_token",
                              "create_invite", "sign_out", "session_opened", "session_closed", "subscribe",
                              "create_room", "join_room", "leave_room", "message_refused", "shut_down"}) {
        INFO(event);
        CHECK(events.contains(event));
    }
    CHECK(levels == std::set<std::string>{"DEBUG", "INFO", "WARN"});
}

TEST_CASE("the least level that is logged is an option") {
    const auto events_at = [](const std::string& level) {
        server_process server{{"--log-level", level, "--store", "memory"}};
        http_client ann{server.port()};
        REQUIRE(ann.post("/api/accounts", person("ann", "correct horse")).status == 201);
        CHECK(server.stop() == 0);
        const auto said = server.output();
        return std::pair{said.find("[INFO]") != std::string::npos, said.find("[WARN]") != std::string::npos};
    };
    CHECK(events_at("info") == std::pair{true, true});
    CHECK(events_at("warn") == std::pair{false, true});
    CHECK(events_at("error") == std::pair{false, false});
}
