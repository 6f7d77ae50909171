#pragma once

#include "tests/support/store_folder.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace parley::testing {

/// A real redis-server for a test: in a folder of its own, on a Unix socket, without persistence, never as
/// root. It ends with the object.
class redis_server {
public:
    /// Returns when it answers. `more`: further words of its command line, "--maxmemory", "20mb".
    /// Throws what to install where the program is missing, or what it said if it ends before it answers.
    explicit redis_server(std::vector<std::string> more = {});
    ~redis_server();
    redis_server(const redis_server&) = delete;
    redis_server& operator=(const redis_server&) = delete;

    [[nodiscard]] std::string socket() const { return (folder_.path() / "redis.sock").string(); }

    [[nodiscard]] std::string url() const { return "unix://" + socket(); }

    /// SIGKILL: all that it knew is gone.
    void kill();

    /// Empty, under the same address.
    void start();

    /// SIGSTOP: it holds its connections and answers nothing until `go_on`.
    void stop();
    void go_on();

private:
    [[nodiscard]] bool answers() const;
    [[nodiscard]] bool ended();
    [[nodiscard]] std::string said() const;

    store_folder folder_;
    std::vector<std::string> more_;
    pid_t pid_ = -1;
};

/// A socket of this process connected to that path, or -1.
[[nodiscard]] int connect_to(const std::string& socket_path);

}  // namespace parley::testing
