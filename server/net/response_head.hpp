#pragma once

#include "server/net/api_port.hpp"

#include <cstdint>
#include <string>

namespace parley {

/// The head of a response, up to and with the empty line. `standing`: what every response of this server
/// carries.
[[nodiscard]] std::string response_head(const http_response& response, const http_headers& standing,
                                        bool keep_alive, std::int64_t wall_s);

/// Keep pages of others from using ours, and ours from running what is not ours.
[[nodiscard]] http_headers security_headers();

}  // namespace parley
