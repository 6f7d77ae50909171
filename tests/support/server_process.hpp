#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

/// A real parleyd, started for a test. The program is the one that the environment names as PARLEYD.
namespace parley::testing {

/// A folder of its own below the system's temporary one, removed with all that is in it.
class temporary_folder {
public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

using environment = std::map<std::string, std::string>;

/// What a program said that was run to its end.
struct finished {
    int exit_code = 0;  ///< 128 + n: ended by signal n
    std::string out;
    std::string err;
};

/// Runs parleyd to its end, or kills it after 30 s. It sees no PARLEY_ variable but those in `variables`.
/// `as_user`: with no other rights than that user's and group's, which only root can give.
[[nodiscard]] finished run_parleyd(const std::vector<std::string>& arguments,
                                   const environment& variables = {}, const std::string& input = {},
                                   std::optional<uid_t> as_user = {});

[[nodiscard]] std::uint16_t free_port();

/// Listens on 127.0.0.1 on a free port with a data folder of its own; both stay the same over restarts.
///
///     server_process server{{"--hubs", "2"}};
///     server.kill();
///     server.start();
class server_process {
public:
    /// Returns when `/health` answers; throws what the server said if it ends before that.
    explicit server_process(std::vector<std::string> arguments = {}, environment variables = {});
    ~server_process();
    server_process(const server_process&) = delete;
    server_process& operator=(const server_process&) = delete;

    /// `more`: variables of its environment for this once.
    void start(const environment& more = {});

    /// The same, but false if it ends before it answers.
    [[nodiscard]] bool try_start(const environment& more = {});

    /// Whether it is no more, however it ended.
    [[nodiscard]] bool ended();

    /// SIGTERM; gives the exit code. Killed after 15 s.
    int stop();

    /// SIGTERM, without waiting.
    void ask_to_stop();

    /// SIGKILL, as a crash would.
    void kill();

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] const std::filesystem::path& data() const { return data_; }

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// All that it has said on both its outputs, over restarts too.
    [[nodiscard]] std::string output() const;

    /// Whether `text` comes to stand in its output; what it prints may come later than its answers.
    [[nodiscard]] bool says(std::string_view text) const;

private:
    temporary_folder folder_;
    std::vector<std::string> arguments_;
    environment variables_;
    std::filesystem::path data_;
    std::uint16_t port_;
    pid_t pid_ = -1;
    int exit_code_ = 0;
};

}  // namespace parley::testing
