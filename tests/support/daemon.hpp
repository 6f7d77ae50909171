#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

/// Servers of the system that a test runs beside itself. What belongs to root runs as `nobody`.
namespace parley::testing {

/// Gives a folder, which must be empty, to those servers.
void give_to_daemons(const std::filesystem::path& folder);

/// Runs a program to its end; throws what it said if it failed.
void run_as_daemon(const std::vector<std::string>& command, const std::filesystem::path& output);

/// One that goes on running. Ends with the object, and with the test.
class daemon {
public:
    /// `output` gets what it says. `last`: the signal that ends it at once, with its own children.
    daemon(const std::vector<std::string>& command, const std::filesystem::path& output, int last);
    ~daemon();
    daemon(const daemon&) = delete;
    daemon& operator=(const daemon&) = delete;

    void signal(int number) const;

    /// Signals it and waits until it has ended, for 30 s; then it is killed.
    void end(int number);

    [[nodiscard]] bool ended();

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    int last_;
};

}  // namespace parley::testing
