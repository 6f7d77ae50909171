#include "tests/bench/poller.hpp"

#include "tests/bench/http_client.hpp"
#include "tests/bench/upgrade.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::uint32_t mask_key = 0x5b1c93d7;  // a benchmark has no proxy to protect
constexpr std::uint32_t links_per_address = 16;

std::string_view text_of(byte_view data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace

poller::poller(std::uint16_t port) : port_{port}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {}

poller::~poller() {
    for (const auto& link : links_) {
        close(link->fd);
    }
    close(epoll_);
}

link& poller::connect(std::string_view target, std::string_view more_headers) {
    auto& made = *links_.emplace_back(std::make_unique<link>());
    made.number = static_cast<std::uint32_t>(links_.size() - 1);
    made.fd = connect_to(port_, 0x010001 + made.number / links_per_address * 2);
    fcntl(made.fd, F_SETFL, fcntl(made.fd, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &made;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, made.fd, &event);
    const auto request = upgrade_request("127.0.0.1:" + std::to_string(port_), target, key, more_headers);
    write(made, {reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
    return made;
}

void poller::write(link& to, byte_view data) {
    if (to.unsent.empty()) {
        const auto sent = send(to.fd, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            throw run_failed("connection " + std::to_string(to.number) + " failed: " + std::strerror(errno));
        }
        data = data.subspan(sent > 0 ? static_cast<std::size_t>(sent) : 0);
        if (data.empty()) {
            return;
        }
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT;
        event.data.ptr = &to;
        epoll_ctl(epoll_, EPOLL_CTL_MOD, to.fd, &event);
    }
    to.unsent.insert(to.unsent.end(), data.begin(), data.end());
}

void poller::write_message(link& to, byte_view payload) {
    out_.clear();
    append_masked_ws_frame(out_, ws_opcode::binary, payload, mask_key);
    write(to, out_);
}

void poller::flush(link& to) {
    bytes unsent;
    unsent.swap(to.unsent);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &to;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, to.fd, &event);
    write(to, unsent);
}

void poller::listen(link& to, bool wanted) {
    epoll_event event{};
    event.events = wanted ? std::uint32_t{EPOLLIN} : 0;
    event.data.ptr = &to;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, to.fd, &event);
}

std::span<epoll_event> poller::wait(std::chrono::milliseconds at_most) {
    const int count =
        epoll_wait(epoll_, ready_.data(), static_cast<int>(ready_.size()), static_cast<int>(at_most.count()));
    return {ready_.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

byte_view poller::receive(link& from) {
    const auto size = recv(from.fd, input_.data(), input_.size(), MSG_DONTWAIT);
    if (size > 0) {
        return {input_.data(), static_cast<std::size_t>(size)};
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return {};
    }
    throw run_failed("the server dropped connection " + std::to_string(from.number));
}

bool poller::take_upgrade(link& from, byte_view& input) {
    const auto head_end = text_of(input).find("\r\n\r\n");
    if (head_end == std::string_view::npos) {
        bytes rest{input.begin(), input.end()};
        from.rest.swap(rest);
        return false;
    }
    const auto head = text_of(input).substr(0, head_end + 2);
    if (!is_upgrade_answer(head, key)) {
        throw run_failed("the upgrade was refused: " + std::string{head.substr(0, head.find("\r\n"))});
    }
    from.upgraded = true;
    input = input.subspan(head_end + 4);
    return true;
}

void poller::control(link& from, ws_opcode opcode, byte_view payload) {
    if (opcode == ws_opcode::ping) {
        out_.clear();
        append_masked_ws_frame(out_, ws_opcode::pong, payload, mask_key);
        write(from, out_);
    } else if (opcode == ws_opcode::close) {
        const auto code = payload.size() < 2 ? 0 : payload[0] << 8 | payload[1];
        throw run_failed("the server closed connection " + std::to_string(from.number) + " with " +
                         std::to_string(code) + " " +
                         std::string{payload.size() < 2 ? "" : text_of(payload.subspan(2))});
    }
}

}  // namespace parley::bench
