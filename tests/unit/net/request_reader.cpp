#include "server/net/request_reader.hpp"

#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"

namespace parley {
namespace {

using state = request_reader::state;

byte_view as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

state feed(request_reader& reader, std::string_view text) {
    return reader.feed(as_bytes(text));
}

int status_of(std::string_view text) {
    request_reader reader;
    return feed(reader, text) == state::refused ? reader.why_refused().status : 0;
}

constexpr std::string_view post =
    "POST /api/rooms?x=1&y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("a request is the same however it was cut") {
    for (std::size_t cut = 0; cut < post.size(); ++cut) {
        request_reader reader;
        CHECK(feed(reader, post.substr(0, cut)) != state::complete);
        REQUIRE(feed(reader, post.substr(cut)) == state::complete);
        const auto request = reader.take();
        CHECK(request.method == "POST");
        CHECK(request.path == "/api/rooms");
        CHECK(request.query == "x=1&y");
        CHECK(request.body == "hello");
        REQUIRE(request.header("hOsT"));
        CHECK(*request.header("hOsT") == "localhost");
        CHECK(reader.keep_alive());
    }
}

TEST_CASE("a request that comes byte by byte is read") {
    request_reader reader;
    for (std::size_t i = 0; i + 1 < post.size(); ++i)
        REQUIRE(feed(reader, post.substr(i, 1)) != state::refused);
    CHECK(feed(reader, post.substr(post.size() - 1)) == state::complete);
}

TEST_CASE("requests that came together are read one after the other") {
    request_reader reader;
    REQUIRE(feed(reader, std::string{post} + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n") == state::complete);
    CHECK(reader.take().path == "/api/rooms");
    REQUIRE(reader.next() == state::complete);
    CHECK(reader.take().path == "/second");
    CHECK(reader.next() == state::reading_head);
    CHECK_FALSE(reader.begun());
}

TEST_CASE("what follows an upgrade is kept as it came") {
    request_reader reader;
    REQUIRE(feed(reader, "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n\x82\x85xy") == state::complete);
    const auto rest = reader.rest();
    CHECK(std::string{rest.begin(), rest.end()} == "\x82\x85xy");
}

TEST_CASE("any Transfer-Encoding is refused with 501, also under HTTP/1.0") {
    for (const std::string version : {"1.0", "1.1"}) {
        for (const std::string coding : {"chunked", "gzip", "identity"}) {
            CHECK(status_of("POST / HTTP/" + version + "\r\nHost: a\r\nTransfer-Encoding: " + coding +
                            "\r\n\r\n0\r\n\r\n") == 501);
        }
    }
    CHECK(status_of(
              "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc") ==
          501);
}

TEST_CASE("headers above their limit are refused with 431") {
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(limits::http_header_bytes, 'x')) == 431);
    CHECK(status_of("GET /" + std::string(limits::http_header_bytes, 'x')) == 431);
}

TEST_CASE("a body above its limit is refused with 413 before it comes") {
    CHECK(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n") == 413);
    CHECK(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n") == 0);
    CHECK(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n") == 400);
}

TEST_CASE("what is no request of HTTP is refused with 400") {
    CHECK(status_of("hello\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/3.0\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nno colon\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n") == 400);
    CHECK(status_of(std::string_view{"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29}) == 400);
    CHECK(status_of("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
}

TEST_CASE("a header that must be alone and is not is refused with 400") {
    for (const std::string name : {"Host", "Origin", "Authorization", "Cookie"}) {
        CHECK(status_of("GET / HTTP/1.1\r\n" + name + ": a\r\n" + name + ": b\r\n\r\n") == 400);
    }
}

TEST_CASE("HTTP/1.0 closes unless it asks to stay") {
    request_reader reader;
    REQUIRE(feed(reader, "GET / HTTP/1.0\r\nHost: a\r\n\r\n") == state::complete);
    CHECK_FALSE(reader.keep_alive());
}

}  // namespace parley
