#pragma once

#include <csignal>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace parley::testing {

/// A process of its own that runs `work` and may tell its parent something meanwhile. Killed with the object.
class store_child {
public:
    using teller = std::function<void(const std::string&)>;

    explicit store_child(const std::function<void(const teller&)>& work) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error{"no pipe"};
        process_ = ::fork();
        if (process_ == 0) {
            ::close(ends[0]);
            run(work, ends[1]);
        }
        ::close(ends[1]);
        news_ = ends[0];
    }

    ~store_child() {
        kill();
        ::close(news_);
    }

    store_child(const store_child&) = delete;
    store_child& operator=(const store_child&) = delete;

    /// The next line that it told; empty when it has ended. What it threw is its last line.
    std::string next() {
        std::string line;
        for (char c = 0; ::read(news_, &c, 1) == 1 && c != '\n';)
            line += c;
        return line;
    }

    /// Until it has ended by itself: its exit code, 128 + n if signal n ended it.
    int wait() {
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    [[nodiscard]] pid_t process() const { return process_; }

    /// As a crash would.
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

private:
    [[noreturn]] static void run(const std::function<void(const teller&)>& work, int out) {
        const auto tell = [out](const std::string& line) {
            const auto whole = line + '\n';
            if (::write(out, whole.data(), whole.size()) < 0) ::_exit(2);
        };
        try {
            work(tell);
        } catch (const std::exception& why) {
            tell(why.what());
        }
        ::_exit(0);
    }

    pid_t process_ = 0;
    int news_ = -1;
};

/// What `work` threw in another process, or nothing.
inline std::string complaint_of_child(const std::function<void()>& work) {
    store_child child{[&](const store_child::teller&) { work(); }};
    return child.next();
}

}  // namespace parley::testing
