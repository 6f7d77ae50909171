#include "tests/chaos/link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace parley::chaos {
namespace {

bool for_now(ssize_t result) {
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

void reset_socket(unique_fd& socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket = {};
}

}  // namespace

link::link(unique_fd client, unique_fd server, const connection_fate& fate, std::uint64_t seed)
    : client_(std::move(client)),
      server_(std::move(server)),
      up_{{fate.up, seed}, client_, server_},
      down_{{fate.down, seed + 1}, server_, client_},
      ending_(fate.ending) {}

void link::carry(std::int64_t now_ms) {
    read(up_, down_, now_ms);
    read(down_, up_, now_ms);
    write(up_, down_, now_ms);
    write(down_, up_, now_ms);
    if (ending_ != fault::none && (up_.way.ended() || down_.way.ended())) strike();
}

void link::meet(const connection_fate& fate) {
    up_.way.meet(fate.up);
    down_.way.meet(fate.down);
    ending_ = fate.ending;
}

void link::calm() {
    ending_ = fault::none;
    up_.way.calm();
    down_.way.calm();
}

void link::reset() {
    reset_socket(client_);
    reset_socket(server_);
    up_.state = down_.state = flow_state::finished;
}

void link::watch(std::int64_t now_ms, std::vector<pollfd>& sockets) const {
    const auto watch_one = [&](const unique_fd& socket, const flow& from_it, const flow& to_it) {
        int events = reads(from_it) ? POLLIN : 0;
        if (moves(to_it) && !to_it.way.due(now_ms).empty()) events |= POLLOUT;
        if (events != 0) sockets.push_back({socket.get(), static_cast<short>(events), 0});
    };
    watch_one(client_, up_, down_);
    watch_one(server_, down_, up_);
}

std::optional<std::int64_t> link::due_ms(std::int64_t now_ms) const {
    std::optional<std::int64_t> first;
    for (const auto* each : {&up_, &down_}) {
        const auto due = moves(*each) ? each->way.due_ms() : std::nullopt;
        if (due && *due > now_ms) first = first ? std::min(*first, *due) : *due;
    }
    return first;
}

bool link::moves(const flow& each) {
    return each.state == flow_state::carrying || each.state == flow_state::draining;
}

bool link::reads(const flow& each) {
    if (each.state == flow_state::carrying) return !each.way.full();
    return each.state == flow_state::swallowing;
}

bool link::done(const flow& each) {
    return each.state == flow_state::finished || each.state == flow_state::swallowed;
}

/// The receiver hears no more of it.
void link::hush(flow& each) {
    if (each.state == flow_state::carrying) each.state = flow_state::swallowing;
    if (each.state == flow_state::draining) each.state = flow_state::swallowed;
}

/// One side is there no more, and the other is not to know.
void link::forget(flow& from_it, flow& to_it) {
    hush(from_it);
    hush(to_it);
    if (from_it.state == flow_state::swallowing) from_it.state = flow_state::swallowed;
}

void link::read(flow& each, flow& back, std::int64_t now_ms) {
    if (!reads(each)) return;
    std::array<std::uint8_t, 16 * 1024> buffer;
    const auto got = ::recv(each.from.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (for_now(got)) return;
    if (got < 0) return lose(each, back);
    if (got == 0) {
        each.state = each.state == flow_state::carrying ? flow_state::draining : flow_state::swallowed;
    } else if (each.state == flow_state::carrying) {
        each.way.put(now_ms, {buffer.data(), static_cast<std::size_t>(got)});
    }
}

void link::write(flow& each, flow& back, std::int64_t now_ms) {
    if (!moves(each)) return;
    if (const auto due = each.way.due(now_ms); !due.empty()) {
        const auto sent = ::send(each.to.get(), due.data(), due.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (for_now(sent)) return;
        if (sent < 0) return lose(back, each);
        each.way.sent(now_ms, static_cast<std::size_t>(sent));
    }
    if (each.state == flow_state::draining && each.way.empty()) {
        ::shutdown(each.to.get(), SHUT_WR);
        each.state = flow_state::finished;
    }
}

/// The socket from which `from_it` reads is broken. The other side learns it if it still hears that one.
void link::lose(flow& from_it, flow& to_it) {
    if (moves(from_it) || from_it.state == flow_state::finished) return reset();
    forget(from_it, to_it);
}

void link::strike() {
    suffered_ = std::exchange(ending_, fault::none);
    switch (suffered_) {
    case fault::none: return;
    case fault::cut:
        client_ = {};
        server_ = {};
        up_.state = down_.state = flow_state::finished;
        return;
    case fault::reset: return reset();
    case fault::client_forgotten: forget(up_, down_); return reset_socket(client_);
    case fault::server_forgotten: forget(down_, up_); return reset_socket(server_);
    case fault::mute_up: return hush(up_);
    case fault::mute_down: return hush(down_);
    case fault::mute: hush(up_), hush(down_); return;
    }
}

}  // namespace parley::chaos
