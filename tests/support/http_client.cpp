#include "tests/support/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::testing {

namespace {

using clock = std::chrono::steady_clock;

struct socket_holder {
    int fd = -1;

    ~socket_holder() {
        if (fd >= 0) ::close(fd);
    }
};

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void connect_to(socket_holder& socket, std::uint16_t port) {
    socket.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw http_failure{"nobody listens on port " + std::to_string(port)};
}

/// False: the server has closed before it read all, which is its right; an answer may still be there.
bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string read_to_end(int fd, std::chrono::milliseconds patience) {
    const auto deadline = clock::now() + patience;
    std::string bytes;
    char chunk[16 * 1024];
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
        pollfd readable{fd, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) return bytes;
        const auto got = ::recv(fd, chunk, sizeof chunk, 0);
        if (got <= 0) return bytes;
        bytes.append(chunk, static_cast<std::size_t>(got));
    }
}

http_reply parse(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with("HTTP/1.") || end == std::string::npos)
        throw http_failure{"no HTTP answer but \"" + bytes.substr(0, 200) + "\""};
    http_reply reply;
    reply.status = std::stoi(bytes.substr(9, 3));
    for (auto at = bytes.find("\r\n") + 2; at < end;) {
        const auto stop = bytes.find("\r\n", at);
        const auto line = bytes.substr(at, stop - at);
        const auto colon = line.find(':');
        const auto value = line.find_first_not_of(' ', colon + 1);
        reply.headers.emplace_back(line.substr(0, colon),
                                   value == std::string::npos ? "" : line.substr(value));
        at = stop + 2;
    }
    reply.body = bytes.substr(end + 4);
    return reply;
}

const std::string* find(const header_list& headers, std::string_view name) {
    for (const auto& [known, value] : headers) {
        if (same_name(known, name)) return &value;
    }
    return nullptr;
}

}  // namespace

std::string http_reply::header(std::string_view name) const {
    const auto* found = find(headers, name);
    return found ? *found : std::string{};
}

std::string raw_exchange(std::uint16_t port, std::string_view request, std::chrono::milliseconds patience) {
    socket_holder socket;
    connect_to(socket, port);
    send_all(socket.fd, request);
    return read_to_end(socket.fd, patience);
}

http_client::http_client(std::uint16_t port) : port_(port), host_("127.0.0.1:" + std::to_string(port)) {}

http_reply http_client::send(std::string_view method, std::string_view path, std::string_view body,
                             const header_list& more) {
    header_list headers{{"Host", host_}, {"Connection", "close"}};
    if (token_.empty()) {
        headers.emplace_back("Origin", "http://" + host_);
        headers.emplace_back("Cookie", cookie_);
    } else {
        headers.emplace_back("Authorization", "Bearer " + token_);
    }
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    if (!body.empty() || method == "POST")
        headers.emplace_back("Content-Length", std::to_string(body.size()));
    std::erase_if(headers, [&](const auto& header) { return find(more, header.first) != nullptr; });
    headers.insert(headers.end(), more.begin(), more.end());

    std::string request = std::string{method} + " " + std::string{path} + " HTTP/1.1\r\n";
    for (const auto& [name, value] : headers) {
        if (!value.empty()) request += name + ": " + value + "\r\n";
    }
    auto reply = parse(raw_exchange(port_, request + "\r\n" + std::string{body}, patience_));
    keep_cookie(reply);
    return reply;
}

void http_client::keep_cookie(const http_reply& reply) {
    const auto given = reply.header("Set-Cookie");
    if (given.empty()) return;
    const auto pair = given.substr(0, given.find(';'));
    cookie_ = pair.ends_with('=') ? std::string{} : pair;
}

}  // namespace parley::testing
