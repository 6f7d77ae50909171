#pragma once

#include "server/net/unique_fd.hpp"
#include "shared/base/bytes.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

namespace parley {

/// Two ends of one TCP connection over loopback.
struct socket_pair {
    unique_fd ours;
    unique_fd theirs;

    explicit socket_pair(int send_buffer_bytes = 0) {
        const unique_fd listener{::socket(AF_INET, SOCK_STREAM, 0)};
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        ::bind(listener.get(), plain, size);
        ::listen(listener.get(), 1);
        ::getsockname(listener.get(), plain, &size);
        theirs = unique_fd{::socket(AF_INET, SOCK_STREAM, 0)};
        if (send_buffer_bytes != 0) {
            ::setsockopt(theirs.get(), SOL_SOCKET, SO_RCVBUF, &send_buffer_bytes, sizeof send_buffer_bytes);
        }
        if (::connect(theirs.get(), plain, size) != 0)
            throw std::runtime_error{"no connection over loopback"};
        ours = unique_fd{::accept(listener.get(), nullptr, nullptr)};
        if (send_buffer_bytes != 0) {
            ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes);
        }
    }

    /// What has come to the other end, after up to 5 s of waiting for the first byte; empty at its end.
    [[nodiscard]] bytes receive() const {
        pollfd ready{theirs.get(), POLLIN, 0};
        bytes got(1 << 20);
        if (::poll(&ready, 1, 5'000) != 1) throw std::runtime_error{"nothing came"};
        const auto size = ::recv(theirs.get(), got.data(), got.size(), 0);
        got.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return got;
    }

    void send(const bytes& what) const {
        if (::send(theirs.get(), what.data(), what.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(what.size())) {
            throw std::runtime_error{"not all was sent"};
        }
    }
};

}  // namespace parley
