#pragma once

#include "server/net/api_port.hpp"
#include "server/ops/public_url.hpp"
#include "shared/base/errors.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// By which name the server may be reached, from which pages it may be changed, and whose address a request
/// has.
///
///   Host     PARLEY_URL's, `localhost` or an IP literal: another name may be an attacker's that resolves to
///   us Origin   PARLEY_URL, or without it `http://` and Host; none only with a bearer token and without our
///   cookie,
///            since a browser adds neither by itself
///   address  the peer's; X-Forwarded-For is followed through known proxies, from the right
namespace parley {

class address_rules {
public:
    /// `proxies` are IP addresses. With an https `url` somebody else ends TLS, so loopback is a proxy too.
    address_rules(std::optional<public_url> url, const std::vector<std::string>& proxies);

    /// Fails with `wrong_host`.
    [[nodiscard]] result<void> check_host(const http_request& request) const;

    /// Of what changes something, and of upgrades. Fails with `wrong_origin`.
    [[nodiscard]] result<void> check_origin(const http_request& request) const;

    /// The address of the person behind a request.
    [[nodiscard]] std::string address_of(const http_request& request) const;

    /// Where the page is, as the person who asks reaches it: for links.
    [[nodiscard]] std::string origin_of(const http_request& request) const;

    [[nodiscard]] bool https() const { return url_ && url_->https; }

    [[nodiscard]] std::string_view cookie_name() const { return https() ? "__Host-parley" : "parley"; }

private:
    [[nodiscard]] bool is_proxy(const std::string& address) const;

    std::optional<public_url> url_;
    std::vector<std::string> proxies_;
};

/// The value of the cookie of that name, empty if there is none.
[[nodiscard]] std::string cookie_of(const http_request& request, std::string_view name);

/// The token of `Authorization: Bearer …`, empty if there is none.
[[nodiscard]] std::string bearer_of(const http_request& request);

/// One way to write each address: IPv4 in IPv6 is IPv4. None: it is no address.
[[nodiscard]] std::optional<std::string> canonical_address(std::string_view text);

}  // namespace parley
