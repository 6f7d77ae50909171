#include "server/ops/public_url.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

TEST_CASE("a public URL is written as browsers write an origin") {
    CHECK(parse_public_url("https://chat.example.org")->origin() == "https://chat.example.org");
    CHECK(parse_public_url("https://Chat.Example.org:443/")->origin() == "https://chat.example.org");
    CHECK(parse_public_url("https://chat.example.org:8443")->origin() == "https://chat.example.org:8443");
    CHECK(parse_public_url("http://192.168.1.5:8080")->origin() == "http://192.168.1.5:8080");
    CHECK(parse_public_url("http://localhost")->origin() == "http://localhost");
    CHECK(parse_public_url("http://[::1]:8080")->origin() == "http://[::1]:8080");
    CHECK(parse_public_url("https://[2001:db8::1]")->origin() == "https://[2001:db8::1]");
}

TEST_CASE("http is for loopback and private addresses only") {
    for (const auto* url : {"http://127.0.0.1", "http://10.1.2.3", "http://172.16.0.1",
                            "http://172.31.255.255", "http://192.168.0.1", "http://169.254.1.1",
                            "http://[fd00::1]", "http://[fe80::1]", "http://parley.localhost:8080"}) {
        INFO(url);
        CHECK(parse_public_url(url));
    }
    for (const auto* url :
         {"http://chat.example.org", "http://8.8.8.8", "http://172.32.0.1", "http://172.15.0.1",
          "http://192.169.0.1", "http://[2001:db8::1]", "http://11.0.0.1"}) {
        INFO(url);
        CHECK_FALSE(parse_public_url(url));
    }
}

TEST_CASE("what is no address of a server is refused") {
    for (const auto* url :
         {"", "chat.example.org", "ftp://chat.example.org", "https://", "https://:443",
          "https://chat.example.org/path", "https://user@chat.example.org", "https://chat.example.org:0",
          "https://chat.example.org:99999", "https://chat.example.org:", "https://chat..example.org",
          "https://[::1", "https://a b", "https://ch\xc3\xa4t.example.org", "https://chat.example.org?x"}) {
        INFO(url);
        CHECK_FALSE(parse_public_url(url));
    }
}
