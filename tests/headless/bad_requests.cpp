#include "tests/headless/raw_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

/// Requests and upgrades that must not pass.
namespace parley::testing {
namespace {

std::string status_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
}

std::string upgrade_status(const server_process& server, const std::vector<std::string>& headers) {
    const auto socket = connect_to(server.port());
    return status_line(answer_to(socket.get(), upgrade_request(server.port(), headers)));
}

/// The server hears of the end of a connection a moment later than this thread.
bool eventually_healthy(const server_process& server) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    std::string answer;
    while (answer.empty() && std::chrono::steady_clock::now() < until) {
        const auto next = connect_to(server.port());
        answer = answer_to(next.get(), "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    return status_line(answer) == "HTTP/1.1 200 OK";
}

/// Of an account that is made with the printed code, through the proxy.
std::string owner_cookie(const server_process& server) {
    constexpr std::string_view before = "Its invitation is: ", form = "ABCDE-ABCDE-ABCDE-ABCDE";
    REQUIRE(server.says(before));
    const auto said = server.output();
    const auto code = said.substr(said.find(before) + before.size(), form.size());
    http_client ann{server.port()};
    const auto made =
        ann.send("POST", "/api/accounts",
                 R"({"username":"ann","password":"correct horse battery","invite":")" + code + "\"}",
                 {{"Host", "chat.example.org"}, {"Origin", "https://chat.example.org"}});
    REQUIRE(made.status == 201);
    return ann.cookie();
}

constexpr auto refused_origin = "HTTP/1.1 403 Forbidden";

}  // namespace

TEST_CASE("an upgrade from a foreign page or from none is refused") {
    const server_process server;
    CHECK(upgrade_status(server, {"Origin: https://evil.example"}) == refused_origin);
    CHECK(upgrade_status(server, {"Origin: http://127.0.0.1:1"}) == refused_origin);
    CHECK(upgrade_status(server, {"Origin: null"}) == refused_origin);
    CHECK(upgrade_status(server, {"Origin:"}) == refused_origin);
    CHECK(upgrade_status(server, {}) == "HTTP/1.1 101 Switching Protocols");
}

TEST_CASE("a program with a token upgrades without an Origin") {
    const server_process server;
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", R"({"username":"ann","password":"correct horse battery"})").status ==
            201);
    const auto made = ann.post("/api/tokens", R"({"name":"bot"})");
    REQUIRE(made.status == 201);
    const auto from = made.body.find("\"token\":\"") + 9;
    const auto token = made.body.substr(from, made.body.find('"', from) - from);
    CHECK(upgrade_status(server, {"Origin:", "Authorization: Bearer " + token}) ==
          "HTTP/1.1 101 Switching Protocols");
    CHECK(upgrade_status(server, {"Origin:", "Authorization: Bearer " + token, "Cookie: " + ann.cookie()}) ==
          refused_origin);
}

TEST_CASE("a Host that is not ours is misdirected, for files, calls and upgrades") {
    const server_process server;
    for (const std::string path : {"/", "/api/session", "/health", "/ws"}) {
        const auto answer = raw_exchange(
            server.port(), "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        CHECK(status_line(answer) == "HTTP/1.1 421 Misdirected Request");
        CHECK(answer.find("\"code\":\"wrong_host\"") != answer.npos);
        CHECK(answer.find("PARLEY_URL") != answer.npos);
    }
    CHECK(upgrade_status(server, {"Host: evil.example", "Origin: http://evil.example"}) ==
          "HTTP/1.1 421 Misdirected Request");
}

TEST_CASE("sockets of nobody are upgraded, told why and closed") {
    const server_process server;
    const auto ann = sign_up(server.port(), "ann");
    for (const auto& cookie : {std::string{}, std::string{"parley=nonsense"}, ann.cookie + "x"}) {
        raw_session session{server.port(), cookie};
        const auto why = session.hear<wire::error_frame>();
        REQUIRE(why);
        CHECK(why->code == errc::unauthenticated);
        CHECK(session.closed_with() == static_cast<std::uint16_t>(close_code::unauthenticated));
    }
}

TEST_CASE("one session too many of a user is told so") {
    const server_process server{{"--max-sessions-per-user", "2"}};
    const auto ann = sign_up(server.port(), "ann");
    raw_session first{ann};
    REQUIRE(first.greet(ann.user));
    {
        raw_session second{ann};
        REQUIRE(second.greet(ann.user));
        raw_session third{ann};
        CHECK(third.closed_with() == static_cast<std::uint16_t>(close_code::too_many_sessions));
        second.send(ws_opcode::close, ws_close_payload(ws_normal));
        CHECK(second.closed_with() == ws_normal);
    }
    raw_session fourth{ann};
    CHECK(fourth.greet(ann.user));
}

TEST_CASE("headers and bodies above their limits are refused, and the connection closes") {
    const server_process server;
    const std::string start = "POST /api/session HTTP/1.1\r\nHost: localhost\r\n";
    CHECK(status_line(raw_exchange(server.port(), start + "X: " + std::string(9'000, 'x') + "\r\n\r\n")) ==
          "HTTP/1.1 431 Request Header Fields Too Large");
    CHECK(status_line(raw_exchange(server.port(),
                                   start + "Content-Length: 70000\r\n\r\n" + std::string(70'000, ' '))) ==
          "HTTP/1.1 413 Content Too Large");
    CHECK(status_line(raw_exchange(server.port(), start + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) ==
          "HTTP/1.1 501 Not Implemented");
    const auto answer = raw_exchange(server.port(), "nonsense\r\n\r\n");
    CHECK(status_line(answer) == "HTTP/1.1 400 Bad Request");
    CHECK(answer.find("{\"error\":{\"code\":\"malformed\"") != answer.npos);
    CHECK(http_client{server.port()}.get("/health").status == 200);
}

TEST_CASE("an address with too many unfinished connections waits for its own, not for others'") {
    const server_process server{{"--max-unfinished-per-address", "3"}};
    std::vector<unique_fd> unfinished;
    for (int i = 0; i < 3; ++i)
        unfinished.push_back(connect_to(server.port()));
    {
        const auto refused = connect_to(server.port());
        CHECK(answer_to(refused.get(), "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").empty());
    }
    unfinished.pop_back();
    CHECK(eventually_healthy(server));
}

TEST_CASE("an address with too many connections gets no more until one has ended") {
    const server_process server{{"--max-connections-per-address", "2"}};
    const auto ann = sign_up(server.port(), "ann");
    {
        raw_session first{ann}, second{ann};
        REQUIRE(first.greet(ann.user));
        REQUIRE(second.greet(ann.user));
        const auto third = connect_to(server.port());
        CHECK(answer_to(third.get(), upgrade_request(server.port(), {"Cookie: " + ann.cookie})).empty());
    }
    CHECK(eventually_healthy(server));
}

TEST_CASE("behind a proxy each person's connections are counted, not the proxy's") {
    const server_process server{{"--url", "https://chat.example.org", "--registration", "open",
                                 "--max-connections-per-address", "2"}};
    const std::vector<std::string> from_one{"Host: chat.example.org", "Origin: https://chat.example.org",
                                            "X-Forwarded-For: 10.9.8.7, 203.0.113.7"};
    auto from_another = from_one;
    from_another.back() = "X-Forwarded-For: 203.0.113.7, 203.0.113.8";

    const auto cookie = owner_cookie(server);
    const auto with = [&](std::vector<std::string> headers) {
        headers.push_back("Cookie: " + cookie);
        return headers;
    };
    std::vector<raw_session> open;
    for (int i = 0; i < 2; ++i) {
        open.emplace_back(server.port(), with(from_one));
        REQUIRE(open.back().greet({}));
    }
    raw_session third{server.port(), with(from_one)};
    const auto why = third.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::busy);
    CHECK(third.closed_with() == static_cast<std::uint16_t>(close_code::busy));
    raw_session other{server.port(), with(from_another)};
    CHECK(other.greet({}));
}

TEST_CASE("a server out of files accepts again when it has some") {
    const server_process server{{"--max-connections-per-address", "0", "--max-unfinished-per-address", "0"}};
    const rlimit few{64, 64};
    REQUIRE(::prlimit(server.pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
    {
        std::vector<unique_fd> many;
        for (int i = 0; i < 100; ++i)
            many.push_back(connect_to(server.port()));
    }
    CHECK(http_client{server.port()}.get("/health").status == 200);
}

TEST_CASE("requests on one connection are answered one after the other") {
    const server_process server;
    const auto twice = std::string{"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"} +
                       "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const auto answers = raw_exchange(server.port(), twice);
    CHECK(answers.starts_with("HTTP/1.1 200 OK"));
    CHECK(answers.find("HTTP/1.1 404 Not Found") != answers.npos);
}

TEST_CASE("every response carries the headers that keep browsers safe") {
    const server_process server;
    http_client browser{server.port()};
    for (const std::string path : {"/", "/health", "/nowhere", "/api/session"}) {
        const auto reply = browser.get(path);
        CHECK(reply.header("X-Content-Type-Options") == "nosniff");
        CHECK(reply.header("Referrer-Policy") == "no-referrer");
        CHECK(reply.header("Content-Security-Policy").starts_with("default-src 'none'"));
    }
}

}  // namespace parley::testing
