#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace parley::testing {

/// Stands between a program and a Redis on Unix sockets. The connection whose request holds the given words
/// is cut after Redis has answered it, and the answer is not passed on.
class reply_eater {
public:
    reply_eater(std::string listen_at, std::string server);
    ~reply_eater();
    reply_eater(const reply_eater&) = delete;
    reply_eater& operator=(const reply_eater&) = delete;

    void eat_answer_to(const std::string& words);

    [[nodiscard]] bool ate() const { return ate_; }

private:
    void accept_all();
    void pump(int client, int server);
    [[nodiscard]] bool wanted(const std::string& request);

    std::string server_;
    int listening_ = -1;
    std::mutex mutex_;
    std::string words_;
    std::atomic<bool> ate_{false};
    std::atomic<bool> ending_{false};
    std::vector<std::thread> pumps_;
    std::thread acceptor_;
};

}  // namespace parley::testing
