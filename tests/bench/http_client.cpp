#include "tests/bench/http_client.hpp"

#include "tests/bench/upgrade.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace parley::bench {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint32_t low, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(std::uint32_t{127} << 24 | low);
    return address;
}

}  // namespace

int connect_to(std::uint16_t port, std::uint32_t from) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto source = loopback(from, 0);
    const auto target = loopback(1, port);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0 ||
        connect(fd, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
        const int reason = errno;
        close(fd);
        errno = reason;
        fail("can't connect to port " + std::to_string(port));
    }
    return fd;
}

http_answer http_post(std::uint16_t port, std::string_view target, std::string_view json) {
    const auto host = "127.0.0.1:" + std::to_string(port);
    std::string request = "POST ";
    request.append(target)
        .append(" HTTP/1.1\r\nHost: ")
        .append(host)
        .append("\r\nOrigin: http://")
        .append(host);
    request.append("\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ");
    request.append(std::to_string(json.size())).append("\r\n\r\n").append(json);

    const int fd = connect_to(port);
    const timeval patience{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    std::string answer;
    std::array<char, 4096> piece;
    ssize_t size = 0;
    while ((size = recv(fd, piece.data(), piece.size(), 0)) > 0) {
        answer.append(piece.data(), static_cast<std::size_t>(size));
    }
    close(fd);
    const auto head_end = answer.find("\r\n\r\n");
    if (head_end == std::string::npos || answer.size() < 12) {
        fail("no answer to POST " + std::string{target});
    }
    return {std::atoi(answer.c_str() + 9), answer.substr(0, head_end + 2), answer.substr(head_end + 4)};
}

}  // namespace parley::bench
