#include "server/net/unique_fd.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <chrono>
#include <filesystem>
#include <future>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

using namespace parley::testing;

namespace {

/// One server for all that it must survive.
server_process& server() {
    static server_process running;
    return running;
}

std::string request(const std::string& head, const std::string& body = {}) {
    const auto host = "127.0.0.1:" + std::to_string(server().port());
    return head + "\r\nHost: " + host + "\r\nOrigin: http://" + host + "\r\nConnection: close\r\n" +
           (body.empty() ? ""
                         : "Content-Type: application/json\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\n") +
           "\r\n" + body;
}

int status_of(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

int ask(const std::string& bytes) {
    return status_of(raw_exchange(server().port(), bytes));
}

std::string said(const http_reply& reply) {
    return std::to_string(reply.status) + " " + reply.body;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t open_sockets(const server_process& of) {
    std::size_t count = 0;
    for (const auto& file :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(of.pid()) + "/fd"}) {
        std::error_code gone;
        const auto what = std::filesystem::read_symlink(file.path(), gone);
        count += what.string().starts_with("socket:");
    }
    return count;
}

template <class Predicate>
bool within(std::chrono::seconds patience, Predicate holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

/// Connects, with hardly any room for what comes back.
parley::unique_fd connect_deaf(std::uint16_t port) {
    parley::unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const int small = 4 * 1024;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return socket;
}

/// Sends a byte now and then, as long as somebody listens; false: it was never stopped.
bool drip(const std::string& start) {
    const auto socket = connect_deaf(server().port());
    ::send(socket.get(), start.data(), start.size(), MSG_NOSIGNAL);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{25};
    while (std::chrono::steady_clock::now() < deadline) {
        pollfd said{socket.get(), POLLIN, 0};
        if (::poll(&said, 1, 200) > 0) return true;
        if (::send(socket.get(), "x", 1, MSG_NOSIGNAL) <= 0) return true;
    }
    return false;
}

/// After whatever a test did, people are still served.
struct still_alive {
    still_alive() { server(); }  // started by this thread, with which it would end

    ~still_alive() { CHECK(http_client{server().port()}.get("/health").status == 200); }
};

}  // namespace

TEST_CASE("a Host that is not ours is told which setting names it") {
    const still_alive check;
    http_client client{server().port()};
    const auto reply = client.send("GET", "/health", "", {{"Host", "evil.example"}});
    CHECK(reply.status == 421);
    CHECK(has(reply.body, "wrong_host"));
    CHECK(has(reply.body, "PARLEY_URL"));
    CHECK(client.send("GET", "/", "", {{"Host", "evil.example"}}).status == 421);
    CHECK(client.send("GET", "/health", "", {{"Host", "localhost"}}).status == 200);
}

TEST_CASE("a foreign or missing Origin changes nothing") {
    const still_alive check;
    http_client client{server().port()};
    const std::string ann = R"({"username":"ann","password":"correct horse"})";
    for (const auto* origin : {"http://evil.example", "null", ""}) {
        const auto reply = client.send("POST", "/api/accounts", ann, {{"Origin", origin}});
        CHECK(reply.status == 403);
        CHECK(has(reply.body, "wrong_origin"));
    }
    CHECK(client.post("/api/session", ann).status == 401);
}

TEST_CASE("headers and bodies that are too large are refused") {
    const still_alive check;
    const auto large = ask(request("GET /health HTTP/1.1\r\nX-Large: " + std::string(9'000, 'x')));
    CHECK((large == 431 || large == 413));
    CHECK(ask(request("POST /api/session HTTP/1.1", "{\"a\":\"" + std::string(70'000, 'x') + "\"}")) == 413);
}

TEST_CASE("a body of a length not told beforehand is not supported") {
    const still_alive check;
    CHECK(ask(request("POST /api/session HTTP/1.1\r\nTransfer-Encoding: chunked")) == 501);
    CHECK(ask(request("POST /api/session HTTP/1.0\r\nTransfer-Encoding: chunked")) == 501);
}

TEST_CASE("what is no HTTP is refused or cut off, and nobody else notices") {
    const still_alive check;
    for (const auto* bytes : {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                              "\x16\x03\x01\x02\r\n\r\n", "GET / HTTP/1.1\r\nbroken header\r\n\r\n"}) {
        const auto status = ask(bytes);
        CHECK((status == 400 || status == 505 || status == 421 || status == 0));
    }
}

TEST_CASE("requests that are never finished are cut off in the end") {
    const still_alive check;
    const auto cut = [](const std::string& bytes) {
        const auto begun = std::chrono::steady_clock::now();
        const auto answer = raw_exchange(server().port(), bytes, std::chrono::seconds{30});
        const bool in_time = std::chrono::steady_clock::now() - begun < std::chrono::seconds{25};
        return in_time && status_of(answer) == (bytes.empty() ? 0 : 408);
    };
    auto head = std::async(std::launch::async, cut, "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow");
    auto body = std::async(std::launch::async, cut,
                           "POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{");
    auto nothing = std::async(std::launch::async, cut, "");
    auto slow_head =
        std::async(std::launch::async, drip, "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
    auto slow_body =
        std::async(std::launch::async, drip,
                   "POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\n");
    CHECK(http_client{server().port()}.get("/health").status == 200);
    CHECK(slow_head.get());
    CHECK(slow_body.get());
    CHECK(head.get());
    CHECK(body.get());
    CHECK(nothing.get());
}

TEST_CASE("bodies that are not what they should be get a reason") {
    const still_alive check;
    http_client client{server().port()};
    const auto why = [&](const std::string& body) { return said(client.post("/api/accounts", body)); };
    CHECK(has(why("{"), "400"));
    CHECK(has(why("[]"), "malformed"));
    CHECK(has(why("{}"), "username must be a string"));
    CHECK(has(why(R"({"username":7,"password":"correct horse"})"), "malformed"));
    CHECK(has(why(R"({"username":"ann","username":"bob","password":"correct horse"})"), "comes twice"));
    CHECK(has(why("{\"username\":\"\xff\",\"password\":\"correct horse\"}"), "bad_text"));
    CHECK(has(why(R"({"username":"a\u0000nn","password":"correct horse"})"), "bad_text"));
    CHECK(has(why(std::string(60'000, '[')), "malformed"));
    CHECK(client.send("POST", "/api/accounts", "username=ann", {{"Content-Type", "text/plain"}}).status ==
          415);
}

TEST_CASE("passwords and names out of bounds are refused with what is allowed") {
    const still_alive check;
    http_client client{server().port()};
    const auto why = [&](const std::string& name, const std::string& password) {
        return said(
            client.post("/api/accounts", R"({"username":")" + name + R"(","password":")" + password + "\"}"));
    };
    CHECK(has(why("zoe", std::string(7, 'x')), "weak_password"));
    CHECK(has(why("zoe", std::string(10'000, 'x')), "8 to 128 characters"));
    CHECK(has(why("zoe", "password"), "commonest"));
    CHECK(has(why("z", "correct horse"), "2 to 32"));
    CHECK(has(why("z\xd0\xbe\xd0\xb5", "correct horse"), "bad_name"));
    CHECK(has(why("zoe", "correct horse"), "201"));
    CHECK(has(why("ZOE", "correct horse"), "name_taken"));
}

TEST_CASE("wrong, malformed and ended sessions are nobody's") {
    const still_alive check;
    http_client client{server().port()};
    for (const auto& cookie : {std::string{"parley="}, std::string{"parley=x"},
                               "parley=" + std::string(43, 'A'), "parley=" + std::string(5'000, 'A')}) {
        client.set_cookie(cookie);
        const auto reply = client.get("/api/session");
        CHECK(reply.status == 401);
        CHECK(has(reply.body, "unauthenticated"));
    }
    CHECK(client.send("GET", "/api/session", "", {{"Authorization", "Bearer " + std::string(43, 'A')}})
              .status == 401);
}

TEST_CASE("unknown paths and wrong methods are answered in JSON") {
    const still_alive check;
    http_client client{server().port()};
    CHECK(has(said(client.get("/api/nothing")), R"(404 {"error":{"code":"not_found")"));
    CHECK(client.get("/api/rooms/x/messages").status == 404);
    const auto wrong = client.send("PUT", "/api/session");
    CHECK(wrong.status == 405);
    CHECK(has(wrong.header("Allow"), "DELETE"));
    CHECK(client.send("OPTIONS", "/api/rooms").status == 204);
    const auto head = client.send("HEAD", "/health");
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    CHECK(head.header("Content-Length") != "0");
}

TEST_CASE("each answer of the API is not to be kept, and tells browsers to be strict") {
    const still_alive check;
    const auto reply = http_client{server().port()}.get("/health");
    CHECK(reply.header("Content-Type").starts_with("application/json"));
    CHECK(reply.header("Cache-Control") == "no-store");
    CHECK(reply.header("X-Content-Type-Options") == "nosniff");
    CHECK(has(reply.header("Content-Security-Policy"), "default-src 'none'"));
    CHECK(has(reply.body, R"("status":"ok","version":")"));
    CHECK(has(reply.body, R"("checks":{)"));
    CHECK(has(reply.body, R"("store":"ok")"));
}

TEST_CASE("a client that asks for much and reads nothing is cut off, and one that reads slowly is not") {
    server_process talkative{{"--message-rate", "0"}};
    http_client ann{talkative.port()};
    REQUIRE(ann.post("/api/accounts", R"({"username":"ann","password":"correct horse"})").status == 201);
    const auto made = ann.post("/api/rooms", R"({"name":"long"})").body;
    const auto messages = "/api/rooms/" + made.substr(made.find("\"id\":\"") + 6, 26) + "/messages";
    std::string page;
    for (int i = 0; i < 10'000; ++i)
        page += "\xf0\x9f\x8d\xb5";
    for (int i = 0; i < 200; ++i)
        REQUIRE(ann.post(messages, R"({"text":")" + page + "\"}").status == 201);
    REQUIRE(within(std::chrono::seconds{5}, [&] { return open_sockets(talkative) == 1; }));

    const auto ask =
        "GET " + messages +
        "?limit=200 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: " + ann.cookie() + "\r\n\r\n";
    const auto deaf = connect_deaf(talkative.port());
    REQUIRE(::send(deaf.get(), ask.data(), ask.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(ask.size()));
    const auto slow = connect_deaf(talkative.port());
    REQUIRE(::send(slow.get(), ask.data(), ask.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(ask.size()));
    REQUIRE(within(std::chrono::seconds{5}, [&] { return open_sockets(talkative) == 3; }));

    // The slow one reads on until the deaf one is gone.
    std::size_t got = 0;
    std::string chunk(64 * 1024, ' ');
    const auto read_a_little = [&] {
        const auto size = ::recv(slow.get(), chunk.data(), 1'024, MSG_DONTWAIT);
        if (size > 0) got += static_cast<std::size_t>(size);
        pollfd pause{-1, 0, 0};
        ::poll(&pause, 1, 20);
        return open_sockets(talkative) == 2;
    };
    CHECK(within(std::chrono::seconds{20}, read_a_little));
    CHECK(ann.get("/health").status == 200);
    for (ssize_t size = 1; size > 0; got += static_cast<std::size_t>(std::max<ssize_t>(size, 0)))
        size = ::recv(slow.get(), chunk.data(), chunk.size(), 0);
    CHECK(got > 200 * page.size());
}
