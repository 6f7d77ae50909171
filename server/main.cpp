#include "server/app.hpp"
#include "server/commands.hpp"
#include "server/ops/log.hpp"

#include <csignal>
#include <ctime>
#include <iostream>
#include <sys/resource.h>

namespace {

/// One socket is one file.
void allow_many_files() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

int serve(const parley::config& options) {
    // Blocked in every thread; this one waits for them.
    const auto ending = ending_signals();
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_files();

    parley::app server{options};
    auto greeting = "Parley is at " + server.address() + '\n';
    if (const auto code = server.set_up_code(); !code.empty())
        greeting += "The first account becomes the owner. Its invitation is: " + code + '\n';
    std::cout << greeting << std::flush;

    constexpr timespec tick{0, 500'000'000};
    while (sigtimedwait(&ending, nullptr, &tick) < 0) {
        if (!server.tick()) return 1;
    }
    pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);  // a second signal ends the process at once
    return server.shut_down() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto options = parley::read_config(argc, argv);
        if (!options) {
            (options.error().code == 0 ? std::cout : std::cerr) << options.error().text << std::flush;
            return options.error().code;
        }
        parley::start_log(options->level);
        if (options->what != parley::command::serve) return parley::run_command(*options);
        return serve(*options);
    } catch (const std::exception& failed) {
        std::cerr << "parleyd: " << failed.what() << std::endl;
        return 1;
    }
}
