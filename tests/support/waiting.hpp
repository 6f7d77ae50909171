#pragma once

#include <chrono>
#include <thread>

namespace parley::testing {

/// Looks every 2 ms; false when it was not so within `patience`.
template <class Predicate>
[[nodiscard]] bool wait_until(std::chrono::milliseconds patience, Predicate holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace parley::testing
