#pragma once

#include "tests/support/daemon.hpp"
#include "tests/support/store_folder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace parley::testing {

/// A real redis-server for a test: in a folder of its own, on a Unix socket, without persistence. It ends
/// with the object.
class redis_server {
public:
    /// Returns when it answers. `more`: further words of its command line, "--maxmemory", "20mb".
    /// Throws what to install where the program is missing, or what it said if it ends before it answers.
    explicit redis_server(std::vector<std::string> more = {});

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

    store_folder folder_;
    std::vector<std::string> more_;
    std::unique_ptr<daemon> process_;
};

/// A socket of this process connected to that path, or -1.
[[nodiscard]] int connect_to(const std::string& socket_path);

}  // namespace parley::testing
