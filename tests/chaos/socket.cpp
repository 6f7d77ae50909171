#include "tests/chaos/socket.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>

namespace parley::chaos {
namespace {

constexpr int backlog = 128;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error{what + ": " + std::strerror(errno)};
}

unique_fd bound_to(std::uint16_t port) {
    unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const auto address = loopback(port);
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("no port to listen on");
    return socket;
}

}  // namespace

unique_fd listen_anywhere() {
    // Only a port that was asked for by its number is kept.
    auto socket = bound_to(port_of(bound_to(0)));
    listen_again(socket);
    return socket;
}

void listen_again(const unique_fd& listener) {
    if (::listen(listener.get(), backlog) != 0) fail("can't listen");
}

void refuse_all(const unique_fd& listener) {
    if (::shutdown(listener.get(), SHUT_RD) != 0) fail("can't stop listening");
}

std::uint16_t port_of(const unique_fd& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        fail("a socket without port");
    return ntohs(address.sin_port);
}

void send_at_once(const unique_fd& socket) {
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

unique_fd connect_to(std::uint16_t port) {
    unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto address = loopback(port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
    return socket;
}

}  // namespace parley::chaos
