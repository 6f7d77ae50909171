#include "server/api/address_rules.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

http_request request(http_headers headers, std::string peer = "127.0.0.1") {
    http_request made;
    made.headers = std::move(headers);
    made.remote_address = std::move(peer);
    return made;
}

const address_rules no_url{std::nullopt, {}};
const address_rules behind_tls{public_url{true, "chat.example.org", 443}, {}};

bool takes_host(const address_rules& rules, const std::string& host) {
    return rules.check_host(request({{"Host", host}})).has_value();
}

}  // namespace

TEST_CASE("without a public URL only localhost and IP literals are ours") {
    for (const auto* host : {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080", "192.168.1.5:80",
                             "[::1]", "[::1]:8080", "[2001:db8::7]"}) {
        INFO(host);
        CHECK(takes_host(no_url, host));
    }
    for (const auto* host : {"evil.example", "localhost.evil.example", "evil.example:8080",
                             "127.0.0.1.evil.example", "", ":8080", "[::1", "::1", "127.0.0.1:",
                             "127.0.0.1:80x", "localhost.", "1", "0x7f000001", "127.1", "user@localhost"}) {
        INFO(host);
        const auto checked = no_url.check_host(request({{"Host", host}}));
        REQUIRE_FALSE(checked);
        CHECK(checked.error().code == errc::wrong_host);
        CHECK(checked.error().detail.find("PARLEY_URL") != std::string::npos);
    }
}

TEST_CASE("a public URL adds its own name, on whichever port") {
    CHECK(takes_host(behind_tls, "chat.example.org"));
    CHECK(takes_host(behind_tls, "Chat.Example.org:443"));
    CHECK(takes_host(behind_tls, "127.0.0.1:8080"));
    CHECK_FALSE(takes_host(behind_tls, "example.org"));
    CHECK_FALSE(takes_host(behind_tls, "chat.example.org.evil.example"));
}

TEST_CASE("a request without Host is nobody's") {
    CHECK_FALSE(no_url.check_host(request({})));
}

TEST_CASE("an origin must be the page's own") {
    const auto from = [](const address_rules& rules, const std::string& host, const std::string& origin) {
        return rules.check_origin(request({{"Host", host}, {"Origin", origin}})).has_value();
    };
    CHECK(from(no_url, "127.0.0.1:8080", "http://127.0.0.1:8080"));
    CHECK(from(no_url, "localhost:80", "http://localhost"));
    CHECK(from(no_url, "LOCALHOST:8080", "http://localhost:8080"));
    CHECK_FALSE(from(no_url, "127.0.0.1:8080", "https://127.0.0.1:8080"));
    CHECK_FALSE(from(no_url, "127.0.0.1:8080", "http://127.0.0.1:8081"));
    CHECK_FALSE(from(no_url, "127.0.0.1:8080", "http://localhost:8080"));
    CHECK_FALSE(from(no_url, "127.0.0.1:8080", "http://evil.example"));
    CHECK_FALSE(from(no_url, "127.0.0.1:8080", "null"));
    CHECK_FALSE(from(no_url, "127.0.0.1:8080", ""));

    CHECK(from(behind_tls, "chat.example.org", "https://chat.example.org"));
    CHECK(from(behind_tls, "127.0.0.1:8080", "https://chat.example.org"));
    CHECK_FALSE(from(behind_tls, "chat.example.org", "http://chat.example.org"));
    CHECK_FALSE(from(behind_tls, "127.0.0.1:8080", "http://127.0.0.1:8080"));
}

TEST_CASE("no origin is for programs only: a bearer token and no cookie of ours") {
    const auto passes = [](http_headers headers) {
        headers.emplace_back("Host", "127.0.0.1:8080");
        return no_url.check_origin(request(std::move(headers))).has_value();
    };
    CHECK(passes({{"Authorization", "Bearer abc"}}));
    CHECK(passes({{"authorization", "bearer abc"}, {"Cookie", "theme=dark"}}));
    CHECK_FALSE(passes({}));
    CHECK_FALSE(passes({{"Authorization", "Basic abc"}}));
    CHECK_FALSE(passes({{"Authorization", "Bearer "}}));
    CHECK_FALSE(passes({{"Authorization", "Bearer abc"}, {"Cookie", "theme=dark; parley=x"}}));
    CHECK_FALSE(passes({{"Cookie", "parley=x"}}));
}

TEST_CASE("a forwarded address is believed from proxies only") {
    const address_rules rules{std::nullopt, {"10.0.0.1", "10.0.0.2"}};
    const auto of = [&](const std::string& peer, http_headers headers) {
        return rules.address_of(request(std::move(headers), peer));
    };
    CHECK(of("203.0.113.9", {}) == "203.0.113.9");
    CHECK(of("203.0.113.9", {{"X-Forwarded-For", "198.51.100.1"}}) == "203.0.113.9");
    CHECK(of("10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}) == "198.51.100.1");
    CHECK(of("10.0.0.1", {}) == "10.0.0.1");
    // What a stranger wrote in front of what the proxy saw is his own invention.
    CHECK(of("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1"}}) == "198.51.100.1");
    CHECK(of("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1 ,10.0.0.2"}}) == "198.51.100.1");
    CHECK(of("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "198.51.100.1"}}) ==
          "198.51.100.1");
    CHECK(of("10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, nonsense"}}) == "10.0.0.1");
    CHECK(of("10.0.0.1", {{"X-Forwarded-For", ""}}) == "10.0.0.1");
    CHECK(of("::ffff:10.0.0.1", {{"X-Forwarded-For", "2001:DB8::1"}}) == "2001:db8::1");
}

TEST_CASE("loopback is a proxy where somebody else ends TLS, and only there") {
    const auto of = [](const address_rules& rules, const std::string& peer) {
        return rules.address_of(request({{"X-Forwarded-For", "198.51.100.1"}}, peer));
    };
    CHECK(of(behind_tls, "127.0.0.1") == "198.51.100.1");
    CHECK(of(behind_tls, "::1") == "198.51.100.1");
    CHECK(of(behind_tls, "203.0.113.9") == "203.0.113.9");
    CHECK(of(no_url, "127.0.0.1") == "127.0.0.1");
}

TEST_CASE("https names the cookie so that no other host or plain http can set it") {
    CHECK(behind_tls.cookie_name() == "__Host-parley");
    CHECK(no_url.cookie_name() == "parley");
    CHECK(address_rules{public_url{false, "192.168.1.5", 8080}, {}}.cookie_name() == "parley");
}

TEST_CASE("a cookie is found by its whole name among others") {
    const auto asked = request({{"Cookie", "a=1; notparley=2;parley=3; parley=4"}, {"cookie", "b=5"}});
    CHECK(cookie_of(asked, "parley") == "3");
    CHECK(cookie_of(asked, "b") == "5");
    CHECK(cookie_of(asked, "c").empty());
    CHECK(cookie_of(request({}), "parley").empty());
}
