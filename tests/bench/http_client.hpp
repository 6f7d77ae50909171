#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

struct http_answer {
    int status = 0;
    std::string head;
    std::string body;
};

/// One request on a connection of its own; throws if the server does not answer in 10 s.
http_answer http_post(std::uint16_t port, std::string_view target, std::string_view json);

/// A connected socket to the server on this machine. `from` is the last three bytes of a 127.x.y.z address of
/// our own, so that no limit per address is met; throws on failure.
int connect_to(std::uint16_t port, std::uint32_t from = 1);

}  // namespace parley::bench
