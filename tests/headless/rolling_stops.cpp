#include "tests/headless/raw_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counted_talk.hpp"

#include <algorithm>
#include <set>

/// A server that is stopped in order, and another one that takes over its file.
namespace parley::testing {

TEST_CASE("people who talk through stop after stop lose, repeat and turn around nothing") {
    constexpr int stops = 5;
    server_process server{{"--message-rate", "0"}};
    counted_talk talk{server, 20261127};
    for (int i = 0; i < stops; ++i) {
        INFO("stop " << i);
        const auto all_talk = [&, until = talk.said() + 30] {
            return talk.said() >= until && talk.person(0).live() && talk.person(1).live() &&
                   talk.person(2).live();
        };
        REQUIRE(talk.on_until(all_talk));
        server.ask_to_stop();
        REQUIRE(talk.on_until([&] { return server.ended(); }));
        CHECK(server.stop() == 0);
        talk.all_say_some();  // while nobody is there
        server.start({{"PARLEY_HUBS", i % 2 == 0 ? "2" : "1"}});
    }
    REQUIRE(talk.settle());
    CHECK(talk.complaint().empty());
    CHECK(talk.sum().whole());
    CHECK(talk.screens_agree());
    CHECK(server.output().find("not everything could be stored") == std::string::npos);
}

TEST_CASE("a stopping server spreads when its sessions are to come back") {
    constexpr std::size_t sessions = 20;
    server_process server{{"--hubs", GENERATE("1", "2")}};
    std::vector<std::unique_ptr<raw_session>> all;
    for (std::size_t i = 0; i < sessions; ++i) {
        const auto who = sign_up(server.port(), "guest-" + std::to_string(i));
        all.push_back(std::make_unique<raw_session>(who));
        REQUIRE(all.back()->greet(who.user));
    }
    server.ask_to_stop();
    std::set<std::uint32_t> times;
    for (auto& each : all) {
        const auto told = each->hear<wire::going_away>();
        REQUIRE(told);
        times.insert(told->retry_ms);
        CHECK(each->closed_with() == static_cast<std::uint16_t>(close_code::going_away));
    }
    REQUIRE(run_until({}, [&] { return server.ended(); }));
    CHECK(server.stop() == 0);
    CHECK(times.size() > sessions / 2);
    CHECK(*times.rbegin() - *times.begin() > 1'000);
    CHECK(*times.rbegin() < 5'000);
}

}  // namespace parley::testing
