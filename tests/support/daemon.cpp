#include "tests/support/daemon.hpp"

#include "tests/support/store_folder.hpp"
#include "tests/support/waiting.hpp"

#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace parley::testing {

namespace {

using namespace std::chrono_literals;

const passwd* nobody() {
    if (::geteuid() != 0) return nullptr;
    const auto* user = ::getpwnam("nobody");
    if (!user) throw std::runtime_error{"there is no user nobody, as whom a test run by root starts servers"};
    return user;
}

pid_t spawn(const std::vector<std::string>& command, const std::filesystem::path& output, int with_parent) {
    auto words = command;
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const auto* user = nobody();
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error{"fork failed"};
    if (child > 0) return child;
    const int in = ::open("/dev/null", O_RDONLY);
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0) ::_exit(127);
    ::close_range(3, ~0u, 0);
    if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
        ::_exit(127);
    ::prctl(PR_SET_PDEATHSIG, with_parent);
    if (::getppid() != parent || ::chdir("/") != 0) ::_exit(127);
    ::setsid();
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

}  // namespace

void give_to_daemons(const std::filesystem::path& folder) {
    const auto* user = nobody();
    if (user && ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
        throw std::runtime_error{"can't give " + folder.string() + " away"};
}

void run_as_daemon(const std::vector<std::string>& command, const std::filesystem::path& output) {
    int status = 0;
    const pid_t child = spawn(command, output, SIGKILL);
    if (::waitpid(child, &status, 0) == child && status == 0) return;
    throw std::runtime_error{command.front() + " failed: " + bytes_of(output)};
}

daemon::daemon(const std::vector<std::string>& command, const std::filesystem::path& output, int last)
    : pid_(spawn(command, output, last)), last_(last) {}

daemon::~daemon() {
    end(last_);
}

void daemon::signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
}

void daemon::end(int number) {
    signal(number);
    if (wait_until(30s, [this] { return ended(); })) return;
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

bool daemon::ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ <= 0;
}

}  // namespace parley::testing
