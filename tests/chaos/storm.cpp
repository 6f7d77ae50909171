#include "tests/chaos/storm.hpp"

#include "shared/base/hash.hpp"

#include <exception>
#include <optional>
#include <sstream>

namespace parley::chaos {
namespace {

using testing::native_client;

constexpr std::size_t longest_most = 9'000;

struct plot {
    std::size_t hubs = 1;
    std::size_t rooms = 1;
    std::size_t longest = 0;
    std::int64_t pace_ms = 0, storm_ms = 0, after_ms = 0;
    std::optional<std::int64_t> kill_ms;  ///< of the storm: the server is killed, too
};

plot plot_of(std::uint64_t seed) {
    random_source chance{mix64(seed + 1)};
    plot drawn;
    drawn.hubs = 1 + seed % 2;
    drawn.rooms = 1 + chance.below(4);
    if (chance.one_in(2)) drawn.longest = longest_most;
    drawn.pace_ms = 5 + static_cast<std::int64_t>(chance.below(40));
    drawn.storm_ms = 2'000 + static_cast<std::int64_t>(chance.below(4'000));
    drawn.after_ms = static_cast<std::int64_t>(chance.below(400));
    if (chance.one_in(5)) drawn.kill_ms = drawn.storm_ms / 2;
    return drawn;
}

/// Soon aware of a connection that is none, so that a seed takes seconds.
client_config attentive() {
    auto config = native_client::impatient();
    config.connect_timeout_ms = 1'500;
    config.ping_interval_ms = 500;
    config.ping_timeout_ms = 500;
    config.answer_timeout_ms = 2'000;
    return config;
}

testing::talk_plan talk_of(const plot& drawn, std::uint16_t port) {
    return {port, drawn.rooms, drawn.pace_ms, drawn.longest, attentive(), std::chrono::seconds{2}};
}

/// They all come from one address, and the server goes on believing in connections that are none.
std::vector<std::string> server_options(const plot& drawn) {
    return {"--hubs",
            std::to_string(drawn.hubs),
            "--message-rate",
            "0",
            "--max-sessions-per-user",
            "0",
            "--max-connections-per-address",
            "0",
            "--max-unfinished-per-address",
            "0"};
}

std::int64_t clock_ms() {
    return native_client::now().mono_ms;
}

struct scene {
    explicit scene(std::uint64_t number)
        : seed(number),
          drawn(plot_of(seed)),
          server(server_options(drawn)),
          network(server.port(), forecast_of(seed, drawn.storm_ms)),
          talk(server, mix64(seed + 2), talk_of(drawn, network.port())) {}

    void talk_for(std::int64_t ms) {
        const auto until = clock_ms() + ms;
        (void)talk.on_until([&] { return clock_ms() >= until; });
    }

    void storm() {
        random_source chance{mix64(seed + 3)};
        const auto since = clock_ms();
        network.storm();
        while (clock_ms() < since + drawn.storm_ms) {
            talk_for(static_cast<std::int64_t>(chance.below(300)));
            talk.disturb_somebody();
            if (drawn.kill_ms && clock_ms() >= since + *drawn.kill_ms) kill_server();
        }
    }

    void kill_server() {
        drawn.kill_ms.reset();
        server.kill();
        talk.all_say_some();
        server.start();
    }

    /// What is wrong, if anything is.
    std::string settle(std::int64_t since_ms) {
        const auto left = since_ms + whole_within.count() - clock_ms();
        if (!talk.settle(std::chrono::milliseconds{left})) return "not whole in time: " + talk.unsettled();
        return {};
    }

    std::string look() {
        if (server.ended()) return "the server has ended: " + server.output();
        if (const auto text = talk.complaint(); !text.empty()) return text;
        if (!talk.sum().whole()) return "not each message once and in order";
        if (!talk.read_all()) return "somebody can't read back to the beginning";
        if (!talk.screens_agree()) return "a screen is not what the log has";
        talk.reload_all();
        if (!talk.settle(whole_within)) return "not whole after a reload: " + talk.unsettled();
        if (!talk.screens_agree()) return "a fresh screen is not what the log has";
        return {};
    }

    std::uint64_t seed;
    plot drawn;
    testing::server_process server;
    proxy network;
    testing::counted_talk talk;
};

void live(scene& at, storm_report& report) {
    at.storm();
    at.network.heal();
    const auto healed_ms = clock_ms();
    at.talk_for(at.drawn.after_ms);
    report.violation = at.settle(healed_ms);
    report.whole_after_ms = clock_ms() - healed_ms;
    report.met = at.network.counted();
    report.sum = at.talk.sum();
    if (report.violation.empty()) report.violation = at.look();
}

}  // namespace

storm_report live_through(std::uint64_t seed) {
    storm_report report;
    try {
        scene at{seed};
        report.hubs = at.drawn.hubs;
        report.rooms = at.drawn.rooms;
        report.kills = at.drawn.kill_ms ? 1 : 0;
        live(at, report);
    } catch (const std::exception& failure) {
        report.violation = failure.what();
    }
    return report;
}

std::string describe(std::uint64_t seed, const storm_report& report) {
    std::ostringstream text;
    text << "seed " << seed << ", hubs " << report.hubs << ", rooms " << report.rooms << ": "
         << report.sum.said << " messages; " << describe(report.met);
    if (report.kills > 0) text << ", server killed";
    if (report.violation.empty()) {
        text << "; whole after " << report.whole_after_ms << " ms";
    } else {
        text << "; BROKEN: " << report.violation << " (" << report.sum.lost << " lost, " << report.sum.twice
             << " twice, " << report.sum.turned << " out of order)";
    }
    return text.str();
}

}  // namespace parley::chaos
