#include "tests/support/redis_server.hpp"

#include "tests/support/waiting.hpp"

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace parley::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* program = "/usr/bin/redis-server";

}  // namespace

int connect_to(const std::string& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) return -1;
    std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

redis_server::redis_server(std::vector<std::string> more) : more_(std::move(more)) {
    if (!std::filesystem::exists(program))
        throw std::runtime_error{
            std::string{program} +
            " is missing: install Redis (Debian: redis-server), or run scripts/setup --tests"};
    give_to_daemons(folder_.path());
    start();
}

void redis_server::start() {
    std::vector<std::string> command{
        program,        "--port",    "0",         "--unixsocket",       socket(),    "--dir",
        folder_.path(), "--save",    "",          "--appendonly",       "no",        "--daemonize",
        "no",           "--logfile", "redis.log", "--maxmemory-policy", "noeviction"};
    command.insert(command.end(), more_.begin(), more_.end());
    process_ = std::make_unique<daemon>(command, folder_.path() / "output", SIGKILL);
    const bool up = wait_until(15s, [this] { return process_->ended() || answers(); });
    if (!up || process_->ended())
        throw std::runtime_error{"Redis did not start: " + bytes_of(folder_.path() / "output") +
                                 bytes_of(folder_.path() / "redis.log")};
}

void redis_server::kill() {
    process_.reset();
}

void redis_server::stop() {
    process_->signal(SIGSTOP);
}

void redis_server::go_on() {
    process_->signal(SIGCONT);
}

bool redis_server::answers() const {
    const int fd = connect_to(socket());
    if (fd < 0) return false;
    constexpr std::string_view question = "PING\r\n";
    char answer[5] = {};
    // With a password it answers too: that it wants one.
    const bool heard = ::write(fd, question.data(), question.size()) > 0 && ::read(fd, answer, 5) > 0;
    ::close(fd);
    return heard;
}

}  // namespace parley::testing
