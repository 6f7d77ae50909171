#pragma once

#include "server/net/websocket_frames.hpp"
#include "tests/bench/fleet.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <sys/epoll.h>
#include <vector>

namespace parley::bench {

/// The sockets of a fleet: connects, upgrades, reads and writes; knows nothing of what is said.
class poller {
public:
    explicit poller(std::uint16_t port);
    ~poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    /// Connects and asks for the upgrade; each sixteen come from an address of their own.
    link& connect(std::string_view target, std::string_view more_headers);

    /// Sends as much as the socket takes and the rest when it takes more.
    void write(link& to, byte_view data);
    void write_message(link& to, byte_view payload);

    std::span<epoll_event> wait(std::chrono::milliseconds at_most);

    /// What has arrived, good until the next call; empty if nothing. Throws `run_failed` when the peer is
    /// gone.
    byte_view receive(link& from);
    void flush(link& to);

    /// Whether what arrives on it is told by `wait`; at first it is.
    void listen(link& to, bool wanted);

    /// Calls `message(link, payload)` for each whole binary message, answers pings, keeps the rest. Does what
    /// `ws_reader` does for a peer that we trust, without copying, so that the generator is not the
    /// bottleneck.
    template <class Message>
    void cut(link& from, byte_view input, Message&& message);

    [[nodiscard]] const std::vector<std::unique_ptr<link>>& links() const { return links_; }

    [[nodiscard]] int epoll() const { return epoll_; }

private:
    /// Takes the server's 101 off the front; false until it is there whole.
    bool take_upgrade(link& from, byte_view& input);
    void control(link& from, ws_opcode opcode, byte_view payload);

    std::uint16_t port_;
    int epoll_;
    std::vector<std::unique_ptr<link>> links_;
    std::array<epoll_event, 1024> ready_{};
    std::vector<std::uint8_t> input_ = std::vector<std::uint8_t>(512 * 1024);
    bytes out_;
};

template <class Message>
void poller::cut(link& from, byte_view input, Message&& message) {
    if (!from.rest.empty()) {
        from.rest.insert(from.rest.end(), input.begin(), input.end());
        input = from.rest;
    }
    if (!from.upgraded && !take_upgrade(from, input)) {
        return;
    }
    while (input.size() >= 2) {
        std::size_t header = 2;
        std::size_t size = input[1];
        if (size == 126 && input.size() >= 4) {
            header = 4;
            size = std::size_t{input[2]} << 8 | input[3];
        } else if (size == 127 && input.size() >= 10) {
            header = 10;
            size = std::size_t{input[7]} << 16 | std::size_t{input[8]} << 8 | input[9];
        } else if (size >= 126) {
            break;
        }
        if (input.size() < header + size) {
            break;
        }
        const auto opcode = static_cast<ws_opcode>(input[0] & 0x0f);
        const auto payload = input.subspan(header, size);
        if (opcode == ws_opcode::binary) {
            message(from, payload);
        } else {
            control(from, opcode, payload);
        }
        input = input.subspan(header + size);
    }
    bytes rest{input.begin(), input.end()};
    from.rest.swap(rest);
}

}  // namespace parley::bench
