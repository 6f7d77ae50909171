#include "tests/support/reply_eater.hpp"

#include "tests/support/redis_server.hpp"

#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace parley::testing {
namespace {

constexpr int look_ms = 50;

bool readable(int fd) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, look_ms) > 0;
}

}  // namespace

reply_eater::reply_eater(std::string listen_at, std::string server) : server_(std::move(server)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, listen_at.c_str(), listen_at.size() + 1);
    listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listening_, 16) != 0)
        throw std::runtime_error{"nothing can listen at " + listen_at};
    acceptor_ = std::thread{[this] { accept_all(); }};
}

reply_eater::~reply_eater() {
    ending_ = true;
    acceptor_.join();
    for (auto& one : pumps_)
        one.join();
    ::close(listening_);
}

void reply_eater::eat_answer_to(const std::string& words) {
    std::lock_guard lock{mutex_};
    words_ = words;
    ate_ = false;
}

void reply_eater::accept_all() {
    while (!ending_) {
        if (!readable(listening_)) continue;
        const int client = ::accept(listening_, nullptr, nullptr);
        const int server = connect_to(server_);
        pumps_.emplace_back([this, client, server] { pump(client, server); });
    }
}

bool reply_eater::wanted(const std::string& request) {
    std::lock_guard lock{mutex_};
    if (words_.empty() || request.find(words_) == std::string::npos) return false;
    words_.clear();
    return true;
}

void reply_eater::pump(int client, int server) {
    bool eating = false;
    char some[65'536];
    while (!ending_ && client >= 0 && server >= 0) {
        pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (::poll(both, 2, look_ms) <= 0) continue;
        if (both[0].revents != 0) {
            const auto size = ::recv(client, some, sizeof some, 0);
            if (size <= 0) break;
            eating |= wanted({some, static_cast<std::size_t>(size)});
            if (::send(server, some, static_cast<std::size_t>(size), MSG_NOSIGNAL) != size) break;
        }
        if (both[1].revents != 0) {
            const auto size = ::recv(server, some, sizeof some, 0);
            if (size <= 0) break;
            if (eating) {
                ate_ = true;
                break;
            }
            if (::send(client, some, static_cast<std::size_t>(size), MSG_NOSIGNAL) != size) break;
        }
    }
    ::close(client);
    ::close(server);
}

}  // namespace parley::testing
