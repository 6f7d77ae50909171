#pragma once

#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The port between the sockets and what is said over HTTP: plain values, no library of HTTP in sight.
namespace parley {

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// Names of headers have no case.
[[nodiscard]] inline bool same_header(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

/// A whole request within its limits. Never with a Transfer-Encoding.
struct http_request {
    std::string method;  ///< as sent: "GET"
    std::string path;    ///< as sent, not decoded: begins with '/', without the query
    std::string query;   ///< as sent, without '?'
    http_headers headers;
    std::string body;
    std::string remote_address;  ///< of the peer, which may be a proxy

    /// The first of that name; null if there is none.
    [[nodiscard]] const std::string* header(std::string_view name) const {
        for (const auto& [known, value] : headers) {
            if (same_header(known, name)) return &value;
        }
        return nullptr;
    }
};

/// Content-Length, Date, Connection and the headers that every response carries are added by the sender.
struct http_response {
    int status = 200;
    std::string content_type = "application/json";  ///< empty: none
    std::string body;
    http_headers headers;  ///< what else: Set-Cookie, Location, Retry-After
};

/// Callable once, from any thread, also after the client has gone.
using http_respond = std::function<void(http_response)>;

/// Who an upgraded socket belongs to.
struct upgraded_login {
    user_id user;
    std::string name;
    login_id login;
    std::int64_t expires_ms = 0;  ///< since 1970; 0: never
};

using upgrade_answer = std::function<void(result<upgraded_login>)>;

/// What answers requests. All members are called on the front thread and must not block it: hashing and the
/// store belong on threads of the implementation's own.
class http_api {
public:
    virtual ~http_api() = default;

    /// Is this Host ours? Asked first, of every request, files and upgrades too. Fails with `wrong_host`.
    [[nodiscard]] virtual result<void> check_host(const http_request& request) const = 0;

    /// May this upgrade come from where it comes from? Asked before `authenticate`; fails with
    /// `wrong_origin`.
    [[nodiscard]] virtual result<void> check_upgrade_origin(const http_request& request) const = 0;

    /// Whose socket an upgrade is to be: by cookie or bearer token. Answered once, from any thread, with
    /// `unauthenticated`, `revoked`, `busy` or `unavailable` if it is nobody's. The socket is upgraded all
    /// the same, so that a browser can hear why.
    virtual void authenticate_upgrade(const http_request& request, upgrade_answer answer) = 0;

    /// The address of the person behind a request: X-Forwarded-For is followed through configured proxies
    /// only.
    [[nodiscard]] virtual std::string address_of(const http_request& request) const = 0;

    /// Requests to `/api/…` and `/health`.
    virtual void handle(http_request request, http_respond respond) = 0;

    /// The answer, with its status and JSON, to a request that is refused before it gets to `handle`.
    [[nodiscard]] virtual http_response refusal(const error& why) const = 0;
};

}  // namespace parley
