#include "tests/bench/process.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace parley::bench {

std::uint64_t cpu_ns_of(pid_t process) {
    std::uint64_t sum = 0;
    for (const auto& thread :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        std::uint64_t ran = 0;
        std::ifstream{thread.path() / "schedstat"} >> ran;
        sum += ran;
    }
    return sum;
}

std::uint64_t settled_cpu_ns_of(pid_t process) {
    constexpr std::uint64_t idle_ns = 500'000;
    for (auto before = cpu_ns_of(process);;) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        const auto after = cpu_ns_of(process);
        if (after - before < idle_ns) {
            return after;
        }
        before = after;
    }
}

std::uint64_t resident_bytes_of(pid_t process) {
    std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            std::uint64_t kib = 0;
            status >> kib;
            return kib * 1024;
        }
    }
    throw std::runtime_error("process " + std::to_string(process) + " is gone");
}

std::uint64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace parley::bench
