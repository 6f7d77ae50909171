#pragma once

#include "server/net/unique_fd.hpp"

#include <cstdint>

/// TCP on this machine. What can't be had is thrown, but for connections.
namespace parley::chaos {

/// Waits for no connection; keeps its port while it does not listen.
[[nodiscard]] unique_fd listen_anywhere();

void listen_again(const unique_fd& listener);
/// Who connects is refused.
void refuse_all(const unique_fd& listener);

[[nodiscard]] std::uint16_t port_of(const unique_fd& socket);

/// Empty if nobody listens there.
[[nodiscard]] unique_fd connect_to(std::uint16_t port);

void send_at_once(const unique_fd& socket);

}  // namespace parley::chaos
