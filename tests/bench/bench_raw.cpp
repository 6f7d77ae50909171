// The yardstick: the least work with which one thread can order and broadcast frames of Parley's size. It has
// no users, no rights, no memory of what was said. A room is the path of the upgrade.
//
//     bench_raw a 9001    one send() for each delivery, of a frame encoded once
//     bench_raw b 9001    one send() for each receiver and turn of the loop
#include "server/net/websocket_frames.hpp"
#include "tests/bench/raw_frames.hpp"
#include "tests/bench/sample_frames.hpp"
#include "tests/bench/upgrade.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace parley::bench {
namespace {

enum class write_per : char { delivery = 'a', turn = 'b' };

struct raw_room;

struct raw_session {
    int fd = -1;
    raw_room* room = nullptr;
    std::size_t place = 0;  // among the room's members
    ws_reader reader{ws_role::server};
    std::string head;
    bytes unsent;
};

struct raw_room {
    std::vector<raw_session*> members;
    std::uint64_t seq = 0;
    bytes turn;  // what this turn has to say
};

class raw_server {
public:
    raw_server(write_per mode, std::uint16_t port) : mode_{mode}, event_(event_message_bytes()) {
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            listen(listener_, 4096) != 0) {
            throw std::runtime_error("can't listen on port " + std::to_string(port) + ": " +
                                     std::strerror(errno));
        }
        watch(EPOLL_CTL_ADD, listener_, nullptr, EPOLLIN);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 1024> ready;
        for (;;) {
            const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
            for (int i = 0; i < count; ++i) {
                handle(ready[static_cast<std::size_t>(i)]);
            }
            end_turn();
        }
    }

private:
    void watch(int change, int fd, raw_session* session, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = session;
        epoll_ctl(epoll_, change, fd, &event);
    }

    void handle(const epoll_event& event) {
        auto* session = static_cast<raw_session*>(event.data.ptr);
        if (session == nullptr) {
            accept_all();
        } else if (session->fd >= 0) {
            if ((event.events & EPOLLOUT) != 0) {
                write_unsent(*session);
            }
            if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0) {
                read(*session);
            }
        }
    }

    void accept_all() {
        for (;;) {
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                return;
            }
            const int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            auto* session = new raw_session;
            session->fd = fd;
            watch(EPOLL_CTL_ADD, fd, session, EPOLLIN);
        }
    }

    void read(raw_session& session) {
        const auto size = recv(session.fd, input_.data(), input_.size(), 0);
        if (size <= 0) {
            if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
                close(session);
            }
            return;
        }
        byte_view input{input_.data(), static_cast<std::size_t>(size)};
        if (session.room == nullptr) {
            upgrade(session, input);
            return;
        }
        while (const auto event = session.reader.next(input, scratch_)) {
            if (event.what == ws_event::kind::message && event.payload.size() >= 8) {
                broadcast(*session.room, raw_word(event.payload.data(), 0));
            } else if (session.reader.ended()) {
                close(session);
                return;
            }
        }
    }

    void upgrade(raw_session& session, byte_view input) {
        session.head.append(input.begin(), input.end());
        const auto key = header_value(session.head, "sec-websocket-key");
        if (session.head.find("\r\n\r\n") == std::string::npos || key.empty()) {
            return;
        }
        const auto answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            accept_of(key) + "\r\n\r\n";
        auto& room = rooms_[session.head.substr(4, session.head.find(' ', 4) - 4)];
        session.room = &room;
        session.place = room.members.size();
        room.members.push_back(&session);
        session.head = {};
        write(session, {reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size()});
    }

    void broadcast(raw_room& room, std::uint64_t number) {
        set_raw_word(event_.data(), 0, ++room.seq);
        set_raw_word(event_.data(), 1, number);
        if (mode_ == write_per::turn) {
            if (room.turn.empty()) {
                spoken_.push_back(&room);
            }
            append_ws_frame(room.turn, ws_opcode::binary, event_);
            return;
        }
        frame_.clear();
        append_ws_frame(frame_, ws_opcode::binary, event_);
        for (auto* member : room.members) {
            write(*member, frame_);
        }
    }

    void end_turn() {
        for (auto* room : spoken_) {
            for (auto* member : room->members) {
                write(*member, room->turn);
            }
            room->turn.clear();
        }
        spoken_.clear();
        closed_.clear();
    }

    void write(raw_session& session, byte_view data) const {
        if (session.unsent.empty()) {
            const auto sent = send(session.fd, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent == static_cast<ssize_t>(data.size()) || (sent < 0 && errno != EAGAIN)) {
                return;  // whole, or the reading side will see the end
            }
            data = data.subspan(sent > 0 ? static_cast<std::size_t>(sent) : 0);
            watch(EPOLL_CTL_MOD, session.fd, &session, EPOLLIN | EPOLLOUT);
        }
        session.unsent.insert(session.unsent.end(), data.begin(), data.end());
    }

    void write_unsent(raw_session& session) const {
        const auto sent =
            send(session.fd, session.unsent.data(), session.unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            session.unsent.erase(session.unsent.begin(), session.unsent.begin() + sent);
        }
        if (session.unsent.empty()) {
            watch(EPOLL_CTL_MOD, session.fd, &session, EPOLLIN);
        }
    }

    void close(raw_session& session) {
        ::close(session.fd);
        session.fd = -1;
        if (session.room != nullptr) {
            auto& members = session.room->members;
            members[session.place] = members.back();
            members[session.place]->place = session.place;
            members.pop_back();
        }
        closed_.emplace_back(&session);
    }

    write_per mode_;
    int epoll_;
    int listener_;
    bytes event_;
    bytes frame_;
    std::array<std::uint8_t, 256 * 1024> input_{};
    aligned_buffer scratch_;
    std::map<std::string, raw_room> rooms_;
    std::vector<raw_room*> spoken_;
    std::vector<std::unique_ptr<raw_session>> closed_;
};

void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace parley::bench

int main(int argc, char** argv) {
    using namespace parley::bench;
    if (argc != 3 || (std::string{argv[1]} != "a" && std::string{argv[1]} != "b")) {
        std::fprintf(stderr, "usage: bench_raw a|b <port>\n");
        return 1;
    }
    try {
        allow_many_sockets();
        const auto server = std::make_unique<raw_server>(write_per{argv[1][0]},
                                                         static_cast<std::uint16_t>(std::atoi(argv[2])));
        server->run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_raw: %s\n", error.what());
        return 1;
    }
}
