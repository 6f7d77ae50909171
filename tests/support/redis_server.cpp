#include "tests/support/redis_server.hpp"

#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace parley::testing {
namespace {

using namespace std::chrono_literals;

constexpr int missing = 126;

struct unprivileged {
    uid_t user = ::getuid();
    gid_t group = ::getgid();
};

/// Who it runs as: this test's own user, or nobody where that is root.
unprivileged someone() {
    if (::geteuid() != 0) return {};
    const auto* nobody = ::getpwnam("nobody");
    if (!nobody) throw std::runtime_error{"there is no user nobody to run redis-server as"};
    return {nobody->pw_uid, nobody->pw_gid};
}

void become(const unprivileged& who) {
    if (::geteuid() != 0) return;
    if (::setgroups(0, nullptr) != 0 || ::setgid(who.group) != 0 || ::setuid(who.user) != 0) ::_exit(127);
}

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
    const auto who = someone();
    if (::chown(folder_.path().c_str(), who.user, who.group) != 0)
        throw std::runtime_error{"the folder of a test can't be given away"};
    start();
}

redis_server::~redis_server() {
    kill();
}

void redis_server::start() {
    std::vector<std::string> words{
        "redis-server", "--port",    "0",         "--unixsocket",       socket(),    "--dir",
        folder_.path(), "--save",    "",          "--appendonly",       "no",        "--daemonize",
        "no",           "--logfile", "redis.log", "--maxmemory-policy", "noeviction"};
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const auto who = someone();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error{"fork failed"};
    if (pid_ == 0) {
        become(who);
        const int nothing = ::open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; ++fd)
            ::dup2(nothing, fd);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives a test that crashes
        if (::getppid() != parent) ::_exit(127);
        ::execvp(argv.front(), argv.data());
        ::_exit(missing);
    }
    const auto deadline = std::chrono::steady_clock::now() + 15s;
    while (!answers()) {
        if (ended()) throw std::runtime_error{"redis-server ended at once: " + said()};
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error{"redis-server does not answer"};
        std::this_thread::sleep_for(2ms);
    }
}

void redis_server::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void redis_server::stop() {
    ::kill(pid_, SIGSTOP);
}

void redis_server::go_on() {
    ::kill(pid_, SIGCONT);
}

bool redis_server::ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    pid_ = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == missing)
        throw std::runtime_error{
            "this test needs redis-server (Debian: redis-server; scripts/setup --tests)"};
    return true;
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

std::string redis_server::said() const {
    return bytes_of(folder_.path() / "redis.log");
}

}  // namespace parley::testing
