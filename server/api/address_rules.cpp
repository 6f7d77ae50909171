#include "server/api/address_rules.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace parley {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Calls `use` with each part between the separators, trimmed, until it answers false.
template <class Use>
void each_part(std::string_view text, char separator, Use use) {
    for (;;) {
        const auto at = text.find(separator);
        if (!use(trimmed(text.substr(0, at))) || at == std::string_view::npos) return;
        text.remove_prefix(at + 1);
    }
}

struct host_parts {
    std::string name;  ///< lower-case, an IPv6 address in brackets
    std::string port;  ///< empty: none
    bool valid = false;
};

host_parts split_host(std::string_view host) {
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
    host_parts parts{lower(host.substr(0, has_port ? colon : host.size())),
                     has_port ? std::string{host.substr(colon + 1)} : std::string{}, false};
    const bool digits =
        std::all_of(parts.port.begin(), parts.port.end(), [](char c) { return c >= '0' && c <= '9'; });
    parts.valid = !parts.name.empty() && digits && parts.port.size() <= 5 && has_port != parts.port.empty();
    return parts;
}

bool is_literal(const std::string& host) {
    in_addr v4{};
    in6_addr v6{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return true;
    return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
           ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1;
}

}  // namespace

std::optional<std::string> canonical_address(std::string_view text) {
    const std::string address(text);
    std::array<char, INET6_ADDRSTRLEN> out{};
    in_addr v4{};
    if (::inet_pton(AF_INET, address.c_str(), &v4) == 1)
        return ::inet_ntop(AF_INET, &v4, out.data(), out.size());
    in6_addr v6{};
    if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return std::nullopt;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return ::inet_ntop(AF_INET, v6.s6_addr + 12, out.data(), out.size());
    return ::inet_ntop(AF_INET6, &v6, out.data(), out.size());
}

std::string cookie_of(const http_request& request, std::string_view name) {
    std::string value;
    for (const auto& [header, text] : request.headers) {
        if (!same_header(header, "Cookie")) continue;
        each_part(text, ';', [&](std::string_view pair) {
            const auto equals = pair.find('=');
            if (value.empty() && equals != std::string_view::npos && pair.substr(0, equals) == name)
                value = pair.substr(equals + 1);
            return value.empty();
        });
    }
    return value;
}

std::string bearer_of(const http_request& request) {
    const auto* header = request.header("Authorization");
    if (!header || header->size() < 7 || lower(header->substr(0, 7)) != "bearer ") return {};
    return std::string{trimmed(std::string_view{*header}.substr(7))};
}

address_rules::address_rules(std::optional<public_url> url, const std::vector<std::string>& proxies)
    : url_(std::move(url)) {
    for (const auto& proxy : proxies) {
        if (auto address = canonical_address(proxy)) proxies_.push_back(*std::move(address));
    }
}

result<void> address_rules::check_host(const http_request& request) const {
    const auto* header = request.header("Host");
    if (!header) return fail(errc::wrong_host, "the request has no Host");
    const auto host = split_host(*header);
    const bool ours = url_ && host.name == url_->host;
    if (host.valid && (ours || host.name == "localhost" || is_literal(host.name))) return {};
    return fail(errc::wrong_host, "set PARLEY_URL to the address that people type");
}

result<void> address_rules::check_origin(const http_request& request) const {
    const auto* origin = request.header("Origin");
    if (!origin) {
        const bool program = !bearer_of(request).empty() && cookie_of(request, cookie_name()).empty();
        if (program) return {};
        return fail(errc::wrong_origin, "send Origin: " + origin_of(request));
    }
    if (lower(*origin) == origin_of(request)) return {};
    return fail(errc::wrong_origin, "only " + origin_of(request) + " may ask this");
}

std::string address_rules::origin_of(const http_request& request) const {
    if (url_) return url_->origin();
    const auto* header = request.header("Host");
    const auto host = split_host(header ? *header : std::string{});
    return "http://" + host.name + (host.port.empty() || host.port == "80" ? "" : ":" + host.port);
}

std::string address_rules::address_of(const http_request& request) const {
    auto address = canonical_address(request.remote_address).value_or(request.remote_address);
    std::vector<std::string_view> hops;
    for (const auto& [header, text] : request.headers) {
        if (!same_header(header, "X-Forwarded-For")) continue;
        each_part(text, ',', [&](std::string_view hop) {
            hops.push_back(hop);
            return true;
        });
    }
    // Each proxy adds who came to it at the right. What stands left of a stranger is the stranger's word.
    while (!hops.empty() && is_proxy(address)) {
        const auto before = canonical_address(hops.back());
        if (!before) break;
        address = *before;
        hops.pop_back();
    }
    return address;
}

bool address_rules::is_proxy(const std::string& address) const {
    if (https() && (address.starts_with("127.") || address == "::1")) return true;
    return std::find(proxies_.begin(), proxies_.end(), address) != proxies_.end();
}

}  // namespace parley
