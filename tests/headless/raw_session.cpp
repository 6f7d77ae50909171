#include "tests/headless/raw_session.hpp"

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

namespace parley::testing {
namespace {

using clock = std::chrono::steady_clock;

std::string name_of(const std::string& header) {
    return header.substr(0, header.find(':'));
}

/// Waits until there is something to read; false: not in time.
bool readable(int socket, clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd ready{socket, POLLIN, 0};
    return ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(0, left))) == 1;
}

}  // namespace

unique_fd connect_to(std::uint16_t port) {
    unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{"nobody listens on port " + std::to_string(port)};
    }
    return socket;
}

std::string upgrade_request(std::uint16_t port, const std::vector<std::string>& headers) {
    const auto host = "127.0.0.1:" + std::to_string(port);
    std::vector<std::string> all{"Host: " + host,
                                 "Origin: http://" + host,
                                 "Connection: Upgrade",
                                 "Upgrade: websocket",
                                 "Sec-WebSocket-Version: 13",
                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                 "Sec-WebSocket-Protocol: parley.v1"};
    for (const auto& header : headers) {
        std::erase_if(all, [&](const auto& known) { return name_of(known) == name_of(header); });
        if (!header.ends_with(": ") && !header.ends_with(':')) all.push_back(header);
    }
    std::string request = "GET /ws HTTP/1.1\r\n";
    for (const auto& header : all)
        request += header + "\r\n";
    return request + "\r\n";
}

std::string answer_to(int socket, const std::string& request) {
    ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    std::string answer;
    const auto until = clock::now() + std::chrono::seconds{15};
    while (answer.find("\r\n\r\n") == answer.npos) {
        char next = 0;
        if (!readable(socket, until) || ::recv(socket, &next, 1, 0) != 1) return {};
        answer += next;
    }
    return answer;
}

raw_session::raw_session(const native_profile& who) : raw_session(who.port, who.cookie) {}

raw_session::raw_session(std::uint16_t port, const std::string& cookie)
    : raw_session(port, std::vector{"Cookie: " + cookie}) {}

raw_session::raw_session(std::uint16_t port, const std::vector<std::string>& headers)
    : socket_(connect_to(port)) {
    const auto answer = answer_to(socket_.get(), upgrade_request(port, headers));
    if (!answer.starts_with("HTTP/1.1 101 ")) throw std::runtime_error{"no upgrade: " + answer};
}

bool raw_session::send(byte_view what) {
    while (!what.empty()) {
        const auto sent = ::send(socket_.get(), what.data(), what.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        what = what.subspan(static_cast<std::size_t>(sent));
    }
    return true;
}

bool raw_session::send(ws_opcode opcode, byte_view payload) {
    bytes frame;
    append_masked_ws_frame(frame, opcode, payload, 0x11223344);
    return send(frame);
}

bool raw_session::greet(user_id user) {
    wire::hello hello;
    hello.user = user;
    hello.device = device_id{user.value};
    hello.program = "raw";
    return say(hello) && hear<wire::welcome>();
}

std::uint16_t raw_session::closed_with(std::chrono::milliseconds patience) {
    const auto until = clock::now() + patience;
    while (!over_ && receive(until)) {
    }
    return close_code_;
}

std::optional<wire::frame_down> raw_session::next_frame(std::chrono::milliseconds patience) {
    const auto until = clock::now() + patience;
    while (told_ == heard_.size()) {
        if (over_ || !receive(until)) return {};
    }
    return heard_[told_++];
}

bool raw_session::receive(clock::time_point until) {
    if (!readable(socket_.get(), until)) return false;
    std::array<std::uint8_t, 16 * 1024> buffer;
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) {
        over_ = true;
        return false;
    }
    byte_view input{buffer.data(), static_cast<std::size_t>(got)};
    while (const auto event = reader_.next(input, scratch_)) {
        if (event.what == ws_event::kind::close || event.what == ws_event::kind::failure) {
            close_code_ = event.code;
            over_ = true;
        }
        if (event.what != ws_event::kind::message) continue;
        wire::frame_reader frames{event.payload};
        for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
            if (auto decoded = wire::decode_down(frame)) heard_.push_back(*std::move(decoded));
        }
    }
    return true;
}

}  // namespace parley::testing
