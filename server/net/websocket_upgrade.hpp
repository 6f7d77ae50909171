#pragma once

#include "server/net/api_port.hpp"

#include <string>

/// The opening handshake of RFC 6455, section 4.2, without a socket.
namespace parley {

/// Asks for an upgrade at all; anything else at the WebSocket's path is a plain request.
[[nodiscard]] bool wants_upgrade(const http_request& request);

struct upgrade_refusal {
    int status = 400;
    error why;
    http_headers headers;
};

/// The head of the 101 answer, to be written before the first frame. Refused with 400, or with 426 and the
/// version that we speak.
[[nodiscard]] tl::expected<std::string, upgrade_refusal> accept_upgrade(const http_request& request);

}  // namespace parley
