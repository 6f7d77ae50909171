#include "server/net/websocket_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace parley {
namespace {

constexpr std::size_t pieces_at_once = 64;

using pieces = std::array<iovec, pieces_at_once>;

iovec as_iovec(byte_view view) {
    return {const_cast<std::uint8_t*>(view.data()), view.size()};  // sendmsg does not write to it
}

/// Negative: the socket is broken; 0: it is full.
ssize_t send_some(int socket, pieces& views, std::size_t count) {
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    msghdr message{};
    message.msg_iov = views.data();
    message.msg_iovlen = count;
    // A lone message is the rule, and send() is the cheaper call.
    const auto sent = count == 1 ? ::send(socket, views[0].iov_base, views[0].iov_len, flags)
                                 : ::sendmsg(socket, &message, flags);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
}

}  // namespace

websocket_output::outcome websocket_output::write(int socket, std::span<const outgoing_ptr> messages) {
    if (unsent_ != 0) {
        for (const auto& message : messages)
            put(message, message->wire_bytes());
        return outcome::blocked;
    }
    while (!messages.empty()) {
        pieces views;
        const std::size_t count = std::min(messages.size(), views.size());
        for (std::size_t i = 0; i < count; ++i)
            views[i] = as_iovec(messages[i]->wire_bytes());
        const auto sent = send_some(socket, views, count);
        if (sent < 0) return outcome::broken;
        auto taken = static_cast<std::size_t>(sent);
        while (!messages.empty() && taken >= messages.front()->wire_bytes().size()) {
            taken -= messages.front()->wire_bytes().size();
            messages = messages.subspan(1);
        }
        if (taken != 0 || sent == 0) {
            for (const auto& message : messages) {
                put(message, message->wire_bytes().subspan(std::exchange(taken, 0)));
            }
            return outcome::blocked;
        }
    }
    return outcome::written;
}

websocket_output::outcome websocket_output::write(int socket, bytes frame) {
    const bool blocked = unsent_ != 0;
    auto owner = std::make_shared<const bytes>(std::move(frame));
    const byte_view left = *owner;
    put(std::move(owner), left);
    return blocked ? outcome::blocked : write_waiting(socket);
}

websocket_output::outcome websocket_output::write(int socket) {
    return write_waiting(socket);
}

void websocket_output::put(std::shared_ptr<const void> owner, byte_view left) {
    unsent_ += left.size();
    waiting_.push_back({std::move(owner), left});
}

websocket_output::outcome websocket_output::write_waiting(int socket) {
    while (unsent_ != 0) {
        pieces views;
        const std::size_t count = std::min(waiting_.size() - first_, views.size());
        for (std::size_t i = 0; i < count; ++i)
            views[i] = as_iovec(waiting_[first_ + i].left);
        const auto sent = send_some(socket, views, count);
        if (sent < 0) return outcome::broken;
        if (sent == 0) return outcome::blocked;
        auto taken = static_cast<std::size_t>(sent);
        unsent_ -= taken;
        while (taken != 0) {
            auto& front = waiting_[first_];
            const auto part = std::min(taken, front.left.size());
            taken -= part;
            front.left = front.left.subspan(part);
            if (front.left.empty()) front.owner.reset(), ++first_;
        }
    }
    waiting_ = {};
    first_ = 0;
    return outcome::written;
}

}  // namespace parley
