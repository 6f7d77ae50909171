#include "tests/simulation/run/apart.hpp"

#include "tests/simulation/run/coverage.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <poll.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace parley::simulation {

namespace {

constexpr std::uint64_t chunk = 40;
constexpr double patience_s = 120;
constexpr std::uint64_t twice_every = 50;  // so often a world is run twice, and must be the same (L16)

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
}

/// A process that writes lines.
class child {
public:
    template <class Work>
    explicit child(Work work) {
        int ends[2];
        if (::pipe(ends) != 0) std::abort();
        std::fflush(nullptr);
        pid_ = ::fork();
        if (pid_ < 0) std::abort();
        if (pid_ == 0) {
            ::close(ends[0]);
            auto* const out = ::fdopen(ends[1], "w");
            std::setvbuf(out, nullptr, _IOLBF, 1 << 12);
            work(out);
            std::fclose(out);
            ::_exit(0);
        }
        ::close(ends[1]);
        fd_ = ends[0];
        heard_ = now_s();
    }

    child(const child&) = delete;
    child& operator=(const child&) = delete;

    ~child() {
        if (fd_ >= 0) ::close(fd_);
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    [[nodiscard]] int fd() const { return fd_; }

    [[nodiscard]] bool silent() const { return now_s() - heard_ > patience_s; }

    /// Takes what it has written; false once it has closed its end.
    template <class Each>
    bool read(Each each) {
        char buffer[4096];
        const auto got = ::read(fd_, buffer, sizeof buffer);
        if (got <= 0) return false;
        heard_ = now_s();
        rest_.append(buffer, static_cast<std::size_t>(got));
        for (auto end = rest_.find('\n'); end != rest_.npos; end = rest_.find('\n')) {
            each(rest_.substr(0, end));
            rest_.erase(0, end + 1);
        }
        return true;
    }

    /// How it ended; empty: in order.
    std::string ended() {
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        if (WIFSIGNALED(status))
            return "by signal " + std::to_string(WTERMSIG(status)) + ", " + ::strsignal(WTERMSIG(status));
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
            return "with exit code " + std::to_string(WEXITSTATUS(status));
        return {};
    }

private:
    int fd_ = -1;
    pid_t pid_ = -1;
    double heard_ = 0;
    std::string rest_;
};

void write_outcome(std::FILE* out, std::uint64_t seed, const outcome_of_world& done) {
    if (!done.law.empty()) {
        std::fprintf(out, "F\t%llu\t%s\t%s\n", static_cast<unsigned long long>(seed), done.law.c_str(),
                     one_line(done.what).c_str());
        return;
    }
    std::fprintf(out, "R\t%llu\t%llu\t%llu\t%lld\n", static_cast<unsigned long long>(seed),
                 static_cast<unsigned long long>(done.steps), static_cast<unsigned long long>(done.stored),
                 static_cast<long long>(done.settled_ms));
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> parts;
    std::istringstream in(line);
    for (std::string part; std::getline(in, part, '\t');)
        parts.push_back(part);
    return parts;
}

std::uint64_t number(const std::string& text) {
    return std::strtoull(text.c_str(), nullptr, 10);
}

outcome_of_world run_once(std::uint64_t seed, coverage* reached) {
    const auto drawn = draw_plan(seed);
    auto once = world{drawn, false, reached}.run();
    if (seed % twice_every != 0 || !once.law.empty()) return once;
    coverage watching;  // who looks on has the core draw what it is asked about
    const auto again = world{drawn, false, reached ? &watching : nullptr}.run();
    if (again.fingerprint != once.fingerprint || again.steps != once.steps) {
        once.law = "L16 determinism";
        once.what = "the same seed gave another world the second time";
    }
    return once;
}

/// The workers and what they have still to do.
class foreman {
public:
    explicit foreman(const campaign& what) : what_(what), began_(now_s()), next_(what.first) {}

    tally run() {
        for (start_all(); !workers_.empty(); start_all()) {
            wait();
            sum_.seconds = now_s() - began_;
            what_.progress(sum_);
        }
        sum_.seconds = now_s() - began_;
        return sum_;
    }

private:
    struct worker {
        std::unique_ptr<child> process;
        std::vector<std::uint64_t> seeds;
        std::size_t done = 0;  ///< of seeds, and what is running now
    };

    [[nodiscard]] bool over() const {
        return sum_.failures >= what_.most_failures ||
               (what_.most_seconds > 0 && now_s() - began_ >= what_.most_seconds);
    }

    void start_all() {
        while (workers_.size() < what_.jobs && !over()) {
            auto seeds = take_seeds();
            if (seeds.empty()) return;
            start(std::move(seeds));
        }
    }

    std::vector<std::uint64_t> take_seeds() {
        std::vector<std::uint64_t> taken;
        if (!left_.empty()) return std::exchange(left_, {});
        if (!what_.seeds.empty()) {
            for (; listed_ < what_.seeds.size() && taken.size() < chunk; ++listed_)
                taken.push_back(what_.seeds[listed_]);
            return taken;
        }
        for (; next_ <= what_.last && taken.size() < chunk; ++next_)
            taken.push_back(next_);
        return taken;
    }

    void start(std::vector<std::uint64_t> seeds) {
        worker one;
        one.process = std::make_unique<child>([&, this](std::FILE* out) {
            coverage reached;
            for (const auto seed : seeds) {
                std::fprintf(out, "S\t%llu\n", static_cast<unsigned long long>(seed));
                write_outcome(out, seed, run_once(seed, what_.coverage ? &reached : nullptr));
            }
            if (!what_.coverage) return;
            for (const auto& [name, count] : reached.met())
                std::fprintf(out, "C\t%s\t%llu\n", name.c_str(), static_cast<unsigned long long>(count));
        });
        one.seeds = std::move(seeds);
        workers_.push_back(std::move(one));
    }

    void wait() {
        std::vector<pollfd> ends;
        for (const auto& one : workers_)
            ends.push_back({one.process->fd(), POLLIN, 0});
        ::poll(ends.data(), ends.size(), 500);
        for (std::size_t i = workers_.size(); i-- > 0;) {
            auto& one = workers_[i];
            if (ends[i].revents != 0) {
                if (!one.process->read([&](const std::string& line) { hear(one, line); })) finish(i);
            } else if (one.process->silent()) {
                finish(i);
            }
        }
    }

    void hear(worker& from, const std::string& line) {
        const auto parts = split(line);
        if (parts.empty() || parts[0] == "S") return;
        if (parts[0] == "C" && parts.size() == 3) return what_.counted({{parts[1], number(parts[2])}});
        ++from.done;
        ++sum_.seeds;
        if (parts[0] == "F" && parts.size() >= 3)
            return fail({number(parts[1]), parts[2], parts.size() > 3 ? parts[3] : std::string()});
        if (parts.size() != 5) return;
        sum_.steps += number(parts[2]);
        sum_.stored += number(parts[3]);
        sum_.longest_settling_ms =
            std::max(sum_.longest_settling_ms, static_cast<std::int64_t>(number(parts[4])));
    }

    void fail(const failure& seen) {
        ++sum_.failures;
        what_.failed(seen);
    }

    /// A worker has ended; one that has not done all it was given has died of the seed that it was at.
    void finish(std::size_t i) {
        auto gone = std::move(workers_[i]);
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
        const bool stuck = gone.process->silent();
        const auto how = stuck ? std::string() : gone.process->ended();
        if (gone.done >= gone.seeds.size()) return;
        ++sum_.seeds;
        fail({gone.seeds[gone.done], stuck ? hangs : died, how});
        left_.assign(gone.seeds.begin() + static_cast<std::ptrdiff_t>(gone.done) + 1, gone.seeds.end());
    }

    const campaign& what_;
    double began_;
    std::uint64_t next_;
    std::size_t listed_ = 0;
    std::vector<std::uint64_t> left_;
    std::vector<worker> workers_;
    tally sum_;
};

}  // namespace

outcome_of_world run_apart(const plan& what) {
    child process([&](std::FILE* out) {
        // What it says of a broken assertion has been read once.
        if (!std::freopen("/dev/null", "w", stderr)) return;
        write_outcome(out, what.seed, world{what, false}.run());
    });
    outcome_of_world done;
    bool ended = false;
    const auto hear = [&](const std::string& line) {
        const auto parts = split(line);
        ended = true;
        if (parts.size() < 3 || parts[0] != "F") return;
        done.law = parts[2];
        if (parts.size() > 3) done.what = parts[3];
    };
    pollfd end{process.fd(), POLLIN, 0};
    while (!process.silent()) {
        if (::poll(&end, 1, 500) > 0 && !process.read(hear)) break;
    }
    if (ended) return done;
    done.law = process.silent() ? hangs : died;
    if (!process.silent()) done.what = process.ended();
    return done;
}

tally run(const campaign& what) {
    return foreman{what}.run();
}

}  // namespace parley::simulation
