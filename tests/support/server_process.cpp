#include "tests/support/server_process.hpp"

#include "server/net/unique_fd.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/waiting.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX names it so

namespace parley::testing {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string program() {
    const char* named = std::getenv("PARLEYD");
    if (!named) throw std::runtime_error{"PARLEYD must name the server to test"};
    return named;
}

std::string text_of(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// The environment of the test without what would steer the server, and with `variables`.
std::vector<std::string> environment_of(const environment& variables) {
    std::vector<std::string> all;
    for (char** at = environ; *at; ++at) {
        if (!std::string_view{*at}.starts_with("PARLEY")) all.emplace_back(*at);
    }
    for (const auto& [name, value] : variables)
        all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

struct streams {
    fs::path in, out, err;
};

void redirect(const fs::path& path, int flags, int target) {
    const int fd = ::open(path.c_str(), flags, 0600);
    if (fd < 0 || ::dup2(fd, target) < 0) ::_exit(127);
}

void become(uid_t user) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user) != 0 || ::setuid(user) != 0) ::_exit(127);
}

pid_t spawn(const std::vector<std::string>& arguments, const environment& variables, const streams& to,
            std::optional<uid_t> as_user = {}) {
    auto words = arguments;
    words.insert(words.begin(), program());
    // Opened before the rights go: the other user need not be let into the folder that it lies in.
    const unique_fd opened{::open(words.front().c_str(), O_PATH | O_CLOEXEC)};
    auto surroundings = environment_of(variables);
    const auto argv = pointers(words);
    const auto envp = pointers(surroundings);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error{"fork failed"};
    if (child > 0) return child;
    redirect(to.in, O_RDONLY, STDIN_FILENO);
    redirect(to.out, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
    redirect(to.err, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
    if (as_user) become(*as_user);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives a test that crashes
    if (::getppid() != parent) ::_exit(127);
    ::fexecve(opened.get(), argv.data(), envp.data());
    ::_exit(127);
}

int code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool answers(std::uint16_t port) {
    try {
        return http_client{port}.get("/health").status != 0;
    } catch (const http_failure&) {
        return false;
    }
}

}  // namespace

temporary_folder::temporary_folder() {
    std::string name = (fs::temp_directory_path() / "parley-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error{"no temporary folder"};
    path_ = name;
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool ok = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(fd);
    if (!ok) throw std::runtime_error{"no free port"};
    return ntohs(address.sin_port);
}

finished run_parleyd(const std::vector<std::string>& arguments, const environment& variables,
                     const std::string& input, std::optional<uid_t> as_user) {
    temporary_folder folder;
    const streams to{folder.path() / "in", folder.path() / "out", folder.path() / "err"};
    std::ofstream{to.in, std::ios::binary} << input;
    const pid_t child = spawn(arguments, variables, to, as_user);
    int status = 0;
    if (!wait_until(30s, [&] { return ::waitpid(child, &status, WNOHANG) == child; })) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
    }
    return {code_of(status), text_of(to.out), text_of(to.err)};
}

server_process::server_process(std::vector<std::string> arguments, environment variables)
    : arguments_(std::move(arguments)),
      variables_(std::move(variables)),
      data_(folder_.path() / "data"),
      port_(free_port()) {
    start();
}

server_process::~server_process() {
    kill();
}

void server_process::start(const environment& more) {
    if (!try_start(more)) throw std::runtime_error{"the server did not start: " + output()};
}

bool server_process::try_start(const environment& more) {
    auto variables = more;
    variables.insert(variables_.begin(), variables_.end());
    auto arguments = arguments_;
    arguments.insert(arguments.begin(), {"--data", data_.string(), "--port", std::to_string(port_)});
    const auto said = folder_.path() / "output";
    pid_ = spawn(arguments, variables, {"/dev/null", said, said});
    const bool up = wait_until(30s, [this] { return ended() || answers(port_); });
    if (up && !ended()) return true;
    kill();
    return false;
}

void server_process::ask_to_stop() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

int server_process::stop() {
    ask_to_stop();
    if (!wait_until(15s, [this] { return ended(); })) kill();
    return exit_code_;
}

void server_process::kill() {
    if (ended()) return;
    int status = 0;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
    exit_code_ = code_of(status);
    pid_ = -1;
}

bool server_process::ended() {
    int status = 0;
    if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        exit_code_ = code_of(status);
        pid_ = -1;
    }
    return pid_ <= 0;
}

std::string server_process::output() const {
    return text_of(folder_.path() / "output");
}

bool server_process::says(std::string_view text) const {
    return wait_until(15s, [&] { return output().find(text) != std::string::npos; });
}

}  // namespace parley::testing
