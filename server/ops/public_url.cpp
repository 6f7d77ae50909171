#include "server/ops/public_url.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>

namespace parley {

namespace {

constexpr std::string_view allowed = "https://HOST, or http:// with a loopback or private address; no path";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

/// Also link-local: what no router of the internet carries.
bool is_near_v4(const in_addr& address) {
    const auto a = ntohl(address.s_addr);
    const auto within = [a](std::uint32_t network, int bits) { return (a ^ network) >> (32 - bits) == 0; };
    return within(0x7f000000, 8) || within(0x0a000000, 8) || within(0xac100000, 12) ||
           within(0xc0a80000, 16) || within(0xa9fe0000, 16);
}

bool is_near_v6(const in6_addr& address) {
    const auto* a = address.s6_addr;
    const bool unique_local = (a[0] & 0xfe) == 0xfc;
    const bool link_local = a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
    return unique_local || link_local || IN6_IS_ADDR_LOOPBACK(&address);
}

bool is_near(const std::string& host) {
    in_addr v4{};
    in6_addr v6{};
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return is_near_v4(v4);
    if (host.size() < 2 || host.front() != '[') return false;
    return ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1 && is_near_v6(v6);
}

bool is_host(const std::string& host) {
    in6_addr v6{};
    if (host.starts_with('['))
        return host.ends_with(']') &&
               ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), fits) &&
           host.front() != '.' && host.find("..") == std::string::npos;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (wrong != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

}  // namespace

result<public_url> parse_public_url(std::string_view text) {
    std::string rest = lower(text);
    public_url url;
    url.https = rest.starts_with("https://");
    if (!url.https && !rest.starts_with("http://")) return fail(errc::malformed, std::string{allowed});
    rest.erase(0, url.https ? 8 : 7);
    if (rest.ends_with('/')) rest.pop_back();

    const auto colon = rest.rfind(':');
    const bool has_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
    const auto port = has_port ? parse_port(std::string_view{rest}.substr(colon + 1))
                               : std::optional<std::uint16_t>{url.https ? 443 : 80};
    url.host = rest.substr(0, has_port ? colon : std::string::npos);
    if (!port || !is_host(url.host) || (!url.https && !is_near(url.host)))
        return fail(errc::malformed, std::string{allowed});
    url.port = *port;
    return url;
}

}  // namespace parley
