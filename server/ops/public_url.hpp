#pragma once

#include "shared/base/errors.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// How people reach the server, as PARLEY_URL says it.
struct public_url {
    bool https = false;
    std::string host;  ///< lower-case; an IPv6 address stands in brackets
    std::uint16_t port = 80;

    /// As a browser writes it in `Origin`: no port where it is the scheme's own.
    [[nodiscard]] std::string origin() const {
        const bool own_port = port == (https ? 443 : 80);
        return (https ? "https://" : "http://") + host + (own_port ? "" : ":" + std::to_string(port));
    }
};

/// `https://chat.example.org`, `http://192.168.1.5:8080`: scheme, host and perhaps a port, no path. http goes
/// unencrypted, so it is for loopback and private addresses only. `detail` says what is allowed.
[[nodiscard]] result<public_url> parse_public_url(std::string_view text);

}  // namespace parley
