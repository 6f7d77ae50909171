#include "server/api/address_rules.hpp"
#include "server/api/router.hpp"
#include "server/net/request_reader.hpp"
#include "server/net/websocket_upgrade.hpp"
#include "shared/base/assert.hpp"
#include "shared/base/limits.hpp"
#include "shared/base/random.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace parley::fuzz {
namespace {

constexpr std::size_t most_requests = 64;

/// What a connection's bytes were read as: its requests, and how it ended.
struct reading {
    std::vector<http_request> requests;
    std::vector<bool> kept_alive;
    request_reader::state state = request_reader::state::reading_head;
    int status = 0;
    bytes rest;
};

bool same(const http_request& a, const http_request& b) {
    return a.method == b.method && a.path == b.path && a.query == b.query && a.headers == b.headers &&
           a.body == b.body;
}

/// A head that is no head may be refused now, or only when it is here as a whole: that depends on the cuts.
bool undecided(const reading& one, const reading& other) {
    using state = request_reader::state;
    return one.state == state::refused && other.state == state::reading_head;
}

bool same(const reading& a, const reading& b) {
    const bool same_requests =
        std::equal(a.requests.begin(), a.requests.end(), b.requests.begin(), b.requests.end(),
                   [](const auto& x, const auto& y) { return same(x, y); });
    if (!same_requests || a.kept_alive != b.kept_alive) return false;
    if (undecided(a, b) || undecided(b, a)) return true;
    return a.state == b.state && a.status == b.status && a.rest == b.rest;
}

void check(const http_request& request) {
    PARLEY_ASSERT(!request.path.empty() && request.path.front() == '/');
    PARLEY_ASSERT(request.path.find('?') == std::string::npos);
    PARLEY_ASSERT(request.body.size() <= limits::http_body_bytes);
    PARLEY_ASSERT(!request.header("Transfer-Encoding"));
    for (const auto& [name, value] : request.headers)
        PARLEY_ASSERT((name + value).find_first_of("\r\n") == std::string::npos);
}

/// A connection that is not kept alive, or is upgraded, is read no further.
reading read(byte_view stream, random_source* cuts) {
    using state = request_reader::state;
    reading all;
    request_reader reader;
    while (!stream.empty() && all.state != state::refused && all.state != state::complete) {
        auto size = stream.size();
        if (cuts) size = std::min<std::size_t>(size, 1 + cuts->below(cuts->one_in(4) ? 300 : 5));
        all.state = reader.feed(stream.first(size));
        stream = stream.subspan(size);
        while (all.state == state::complete) {
            const bool goes_on = reader.keep_alive() && all.requests.size() < most_requests;
            all.requests.push_back(reader.take());
            all.kept_alive.push_back(goes_on);
            check(all.requests.back());
            if (!goes_on) break;
            all.state = reader.next();
        }
    }
    if (all.state == state::refused) all.status = reader.why_refused().status;
    if (all.state != state::complete) return all;
    all.rest = reader.rest();
    all.rest.insert(all.rest.end(), stream.begin(), stream.end());
    return all;
}

void check_meaning(const http_request& request) {
    static const address_rules open{std::nullopt, {"10.0.0.1"}};
    const bool host = open.check_host(request).has_value(), origin = open.check_origin(request).has_value();
    PARLEY_ASSERT(!host || request.header("Host"));
    (void)origin;
    auto from_proxy = request;
    from_proxy.remote_address = "10.0.0.1";
    PARLEY_ASSERT(canonical_address(open.address_of(from_proxy)).has_value());
    (void)cookie_of(request, "parley");
    const auto token = bearer_of(request);
    PARLEY_ASSERT(token.empty() || request.header("Authorization"));
    static constexpr route_key table[] = {{"GET", "/api/rooms/*"}, {"POST", "/api/rooms/*/join"}};
    const auto found = find_route(table, request.method, request.path);
    PARLEY_ASSERT(found.what != routed::how::found || found.ids.size() == 1);
    if (!wants_upgrade(request)) return;
    if (const auto accepted = accept_upgrade(request))
        PARLEY_ASSERT(accepted->starts_with("HTTP/1.1 101 ") && accepted->ends_with("\r\n\r\n"));
}

}  // namespace

void http_requests(byte_view input) {
    choices choose{input};
    random_source cuts{choose.byte()};
    const auto stream = choose.rest();
    const auto whole = read(stream, nullptr);
    PARLEY_ASSERT(same(read(stream, &cuts), whole));
    for (const auto& request : whole.requests)
        check_meaning(request);
}

}  // namespace parley::fuzz
