#include "server/net/websocket_upgrade.hpp"

#include "tests/support/catch.hpp"

namespace parley {
namespace {

http_request good_request() {
    http_request request;
    request.method = "GET";
    request.path = "/ws";
    request.headers = {{"Connection", "keep-alive, Upgrade"},
                       {"Upgrade", "websocket"},
                       {"Sec-WebSocket-Version", "13"},
                       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                       {"Sec-WebSocket-Protocol", "chat, parley.v1"}};
    return request;
}

http_request request_with(std::string_view name, std::string value) {
    auto request = good_request();
    for (auto& header : request.headers) {
        if (header.first == name) header.second = value;
    }
    return request;
}

int status_with(std::string_view name, std::string value) {
    const auto head = accept_upgrade(request_with(name, std::move(value)));
    return head ? 101 : head.error().status;
}

}  // namespace

TEST_CASE("the key of RFC 6455's example gets the RFC's answer") {
    const auto head = accept_upgrade(good_request());
    REQUIRE(head);
    CHECK(head->starts_with("HTTP/1.1 101 "));
    CHECK(head->find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != head->npos);
    CHECK(head->find("\r\nSec-WebSocket-Protocol: parley.v1\r\n") != head->npos);
    CHECK(head->ends_with("\r\n\r\n"));
}

TEST_CASE("only a GET that names the upgrade in both headers wants one") {
    CHECK(wants_upgrade(good_request()));
    CHECK(wants_upgrade(request_with("Upgrade", "WebSocket")));
    CHECK_FALSE(wants_upgrade(request_with("Upgrade", "h2c")));
    CHECK_FALSE(wants_upgrade(request_with("Connection", "keep-alive")));
    auto post = good_request();
    post.method = "POST";
    CHECK_FALSE(wants_upgrade(post));
}

TEST_CASE("another version is answered with 426 and the version that is spoken") {
    const auto head = accept_upgrade(request_with("Sec-WebSocket-Version", "8"));
    REQUIRE_FALSE(head);
    CHECK(head.error().status == 426);
    CHECK(head.error().headers.front() == std::pair<std::string, std::string>{"Sec-WebSocket-Version", "13"});
}

TEST_CASE("a key that is not 16 bytes is refused") {
    CHECK(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") == 101);
    CHECK(status_with("Sec-WebSocket-Key", "") == 400);
    CHECK(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=") == 400);
    CHECK(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j\xff\xff==") == 400);
}

TEST_CASE("a client that does not ask for the subprotocol is refused") {
    CHECK(status_with("Sec-WebSocket-Protocol", "parley.v2") == 400);
    CHECK(status_with("Sec-WebSocket-Protocol", "PARLEY.V1") == 400);
}

}  // namespace parley
