// Many sessions that lose their server at once.
//
//     bench_herd port sessions
//
// Says `level` when all of them are connected. Then the server is to be killed and started again; `back` on
// the standard input tells that it takes connections. Writes a line of JSON when everybody is in sync again.
#include "tests/bench/herd.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using parley::bench::herd;
using parley::testing::native_client;

constexpr std::size_t said_meanwhile = 20;
constexpr std::int64_t patience_ms = 90'000;
constexpr std::int64_t slice_ms = 100;

void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// The largest part of the first tries that fall within one tenth of a second.
double busiest_slice(const std::vector<std::int64_t>& waits_ms) {
    std::map<std::int64_t, double> slices;
    for (const auto wait : waits_ms)
        slices[wait / slice_ms] += 1;
    double most = 0;
    for (const auto& [slice, count] : slices)
        most = std::max(most, count);
    return most / static_cast<double>(std::max<std::size_t>(1, waits_ms.size()));
}

void turn_until(herd& all, int also, const std::function<bool()>& holds) {
    const auto give_up = native_client::now().mono_ms + patience_ms;
    while (!holds()) {
        if (native_client::now().mono_ms > give_up)
            throw std::runtime_error(std::to_string(all.in_sync()) + " of " + std::to_string(all.size()) +
                                     " are in sync, " + std::to_string(all.live()) + " live");
        all.turn(also);
    }
}

void run(std::uint16_t port, std::size_t sessions) {
    herd all{port, sessions};
    std::cout << "level" << std::endl;
    turn_until(all, -1, [&] { return all.live() == 0; });
    all.say(said_meanwhile);

    std::string told;
    turn_until(all, STDIN_FILENO, [&] {
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(STDIN_FILENO, &ready);
        timeval now{};
        char letter = 0;
        while (select(STDIN_FILENO + 1, &ready, nullptr, nullptr, &now) == 1 &&
               read(STDIN_FILENO, &letter, 1) == 1)
            told += letter;
        return told.find("back") != std::string::npos;
    });
    const auto back_ms = native_client::now().mono_ms;
    turn_until(all, -1, [&] { return all.in_sync() == sessions; });
    std::cout << "{\"row\":\"herd\",\"in_sync_s\":["
              << static_cast<double>(native_client::now().mono_ms - back_ms) / 1000 << "],\"busiest_slice\":["
              << busiest_slice(all.first_waits_ms()) << "]}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3) throw std::runtime_error("usage: bench_herd port sessions");
        allow_many_sockets();
        run(static_cast<std::uint16_t>(std::stoi(argv[1])), std::stoul(argv[2]));
    } catch (const std::exception& error) {
        std::cerr << "bench_herd: " << error.what() << '\n';
        return 1;
    }
}
