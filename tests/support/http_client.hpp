#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A small blocking HTTP/1.1 client for tests: one connection per request, no libraries.
namespace parley::testing {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_reply {
    int status = 0;
    header_list headers;
    std::string body;

    /// The first of that name, in any case; empty if there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// Nobody listens, or the answer is no HTTP or did not come in time.
struct http_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Sends these bytes as they are and reads until the server closes or `patience` is over.
[[nodiscard]] std::string raw_exchange(std::uint16_t port, std::string_view request,
                                       std::chrono::milliseconds patience = std::chrono::seconds{15});

/// One person at one browser: sends Origin, keeps the cookie that it is given.
///
///     http_client ann{server.port()};
///     ann.post("/api/accounts", R"({"username":"ann","password":"correct horse"})");
///     CHECK(ann.get("/api/session").status == 200);
class http_client {
public:
    explicit http_client(std::uint16_t port);

    http_reply get(std::string_view path) { return send("GET", path); }

    http_reply post(std::string_view path, std::string_view json = {}, const header_list& more = {}) {
        return send("POST", path, json, more);
    }

    http_reply remove(std::string_view path) { return send("DELETE", path); }

    /// A header in `more` replaces the one that would have been sent; with an empty value it is left out.
    http_reply send(std::string_view method, std::string_view path, std::string_view body = {},
                    const header_list& more = {});

    /// "parley=…", empty while signed out.
    [[nodiscard]] const std::string& cookie() const { return cookie_; }

    void set_cookie(std::string cookie) { cookie_ = std::move(cookie); }

    /// For one answer.
    void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

    /// From now on "Authorization: Bearer …" instead of cookie and Origin, as programs do.
    void use_token(std::string token) { token_ = std::move(token); }

private:
    void keep_cookie(const http_reply& reply);

    std::uint16_t port_;
    std::string host_;
    std::string cookie_;
    std::string token_;
    std::chrono::milliseconds patience_ = std::chrono::seconds{15};
};

}  // namespace parley::testing
