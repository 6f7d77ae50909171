#include "tests/integration/cluster/cluster.hpp"
#include "tests/integration/cluster/front.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counted_talk.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>

/// Everything that the cluster stands on fails in turn, while people and programs talk through nginx.
using namespace parley;
using namespace parley::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t usual_s = 100;
constexpr auto frozen_for =
    5s;  // what is frozen stands still for so long, now and then for four times as long
constexpr auto patience = 90s;  // the breaker before the store rests for 30 s

std::int64_t now_ms() {
    return native_client::now().mono_ms;
}

std::int64_t seconds_from_environment() {
    const char* given = std::getenv("PARLEY_CLUSTER_SECONDS");
    return given ? std::stoll(given) : usual_s;
}

std::uint64_t seed_from_environment() {
    const char* given = std::getenv("PARLEY_CLUSTER_SEED");
    return given ? std::stoull(given) : static_cast<std::uint64_t>(now_ms());
}

struct fault {
    const char* name;
    std::function<void()> begin;  ///< people talk on for a while behind it
    std::function<void()> end;
    bool freezes = false;
};

/// People at two servers through nginx, and what befalls them.
class story {
public:
    explicit story(std::uint64_t seed) : chance_(seed), talk_(both_.server(0), seed, plan()) {}

    /// One fault after the other, each again before any comes a third time. Gives how many there were.
    std::size_t live_for(std::chrono::seconds time) {
        const auto until = now_ms() + std::chrono::milliseconds{time}.count();
        std::size_t count = 0;
        while (now_ms() < until) {
            auto all = faults();
            for (auto left = all.size(); left > 0 && now_ms() < until; --left, ++count) {
                const auto which = static_cast<std::ptrdiff_t>(chance_.below(left));
                suffer(all[static_cast<std::size_t>(which)]);
                all.erase(all.begin() + which);
            }
        }
        return count;
    }

    [[nodiscard]] counted_talk& talk() { return talk_; }

    void tell() const {
        for (const auto& [name, ms] : felt_)
            std::cout << "  " << name << ": at most " << ms << " ms in which nothing was stored\n";
    }

private:
    [[nodiscard]] talk_plan plan() const {
        talk_plan plan;
        plan.port = front_.port();
        plan.rooms = 3;
        plan.pace_ms = 20;
        return plan;
    }

    std::vector<fault> faults() {
        auto& some = both_.server(chance_.below(2));
        auto& redis = both_.redis();
        auto& postgres = both_.postgres();
        return {
            {"a server is killed", [&] { some.kill(); }, [&] { some.start(); }},
            {"a server stands still", [&] { ::kill(some.pid(), SIGSTOP); },
             [&] { ::kill(some.pid(), SIGCONT); }, true},
            {"a server is replaced", [&] { some.stop(); }, [&] { some.start(); }},
            {"Redis is killed and comes back empty", [&] { redis.kill(); }, [&] { redis.start(); }},
            {"Redis is emptied", [&] { both_.empty_redis(); }, [] {}},
            {"Redis stands still", [&] { redis.stop(); }, [&] { redis.go_on(); }, true},
            {"PostgreSQL crashes", [&] { postgres.crash(); }, [&] { postgres.start(); }},
            {"PostgreSQL stands still", [&] { postgres.freeze(); }, [&] { postgres.thaw(); }, true},
            {"nginx is told to read its configuration again", [&] { front_.reload(); }, [] {}},
        };
    }

    void suffer(const fault& what) {
        const auto began = now_ms();
        what.begin();
        const auto time = what.freezes ? frozen_for * (chance_.one_in(4) ? 4 : 1) : 2s;
        auto felt = talk_on(time);
        what.end();
        const auto goes_on = talk_.said() + 40;
        const auto heard = heard_by_all();
        const bool went_on = talk_.on_until(
            [&] {
                felt = std::max(felt, silence());
                return talk_.said() >= goes_on && heard_by_all() >= heard + 20;
            },
            patience);
        INFO(what.name << '\n' << both_.last_words());
        REQUIRE(went_on);
        auto& worst = felt_[what.name];
        worst = std::max(worst, felt);
        std::cout << "  after " << now_ms() - began << " ms over: " << what.name << std::endl;
    }

    std::int64_t talk_on(std::chrono::milliseconds time) {
        std::int64_t felt = 0;
        const auto until = now_ms() + time.count();
        REQUIRE(talk_.on_until(
            [&] {
                felt = std::max(felt, silence());
                return now_ms() >= until;
            },
            time + patience));
        return felt;
    }

    /// For how long nobody has seen anything stored.
    std::int64_t silence() {
        if (const auto heard = heard_by_all(); heard > last_heard_) {
            last_heard_ = heard;
            heard_at_ms_ = now_ms();
        }
        return now_ms() - heard_at_ms_;
    }

    /// How far general is stored, as far as anybody knows.
    std::uint64_t heard_by_all() {
        std::uint64_t most = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            if (const auto* view = talk_.person(i).core().room(general_room)) most = std::max(most, view->w);
        }
        return most;
    }

    cluster both_{2, {"--proxy", "127.0.0.1", "--max-connections-per-address", "0"}};
    front front_{both_.server(0).port(), both_.server(1).port()};
    random_source chance_;
    counted_talk talk_;
    std::map<std::string, std::int64_t> felt_;
    std::uint64_t last_heard_ = 0;
    std::int64_t heard_at_ms_ = now_ms();
};

}  // namespace

TEST_CASE("whatever fails, nothing is lost, comes twice or out of order") {
    const auto seed = seed_from_environment();
    std::cout << "PARLEY_CLUSTER_SEED=" << seed << std::endl;
    story all{seed};
    const auto faults = all.live_for(std::chrono::seconds{seconds_from_environment()});
    const bool settled = all.talk().settle(patience);
    INFO(all.talk().unsettled());
    REQUIRE(settled);
    CHECK(all.talk().complaint().empty());
    const auto sum = all.talk().sum();
    std::cout << faults << " faults: " << sum.said << " messages said, " << sum.lost << " lost, " << sum.twice
              << " twice, " << sum.turned << " out of order" << std::endl;
    all.tell();
    CHECK(sum.whole());
    CHECK(all.talk().screens_agree());
}
