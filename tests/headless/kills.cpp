#include "tests/support/catch.hpp"
#include "tests/support/counted_talk.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <set>

/// kill -9 wherever a message may be. `scripts/kill` runs these for longer.
namespace parley::testing {
namespace {

namespace fs = std::filesystem;

/// When the server is to pass a point.
enum class moment : std::uint8_t { talking, resting, starting, stopping };

struct crash_place {
    std::string name;
    moment when = moment::talking;
    std::uint64_t most = 20;  ///< it dies at the n-th passing, n up to this
    std::string then = {};    ///< further stages
};

/// Along a message's journey, then the other times of a server's life.
const std::vector<crash_place>& places() {
    static const std::vector<crash_place> all{
        {"message_received"},
        {"http_op_received"},
        {"appending"},
        {"sequenced"},
        {"logged"},
        {"append_answered"},
        {"log_followed"},
        {"delivered", moment::talking, 40},
        {"flushed"},
        {"batch_given"},
        {"batch_written"},
        {"committed"},
        {"commit_answered"},
        {"settling"},
        {"settled"},
        {"settled", moment::talking, 20, ",log_followed:2,flushed:1"},  // the watermark is told
        {"http_verdict"},
        {"http_verdict", moment::talking, 20, ",http_answered:1"},
        {"carrying_over", moment::resting, 1},
        {"carried_over", moment::resting, 1},
        {"file_opened", moment::starting, 1},
        {"epoch_raised", moment::starting, 1},
        {"hubs_started", moment::starting, 1},
        {"sessions_told", moment::stopping, 1},
        {"drained", moment::stopping, 1},
    };
    return all;
}

constexpr std::size_t rounds = 2;      // each place so often
constexpr std::size_t at_random = 20;  // beside
constexpr std::uint64_t random_within_ms = 150;

std::size_t kills_wanted() {
#ifdef PARLEY_CRASH_POINTS
    const auto usual = rounds * places().size() + at_random;
#else
    const auto usual = at_random;
#endif
    const char* named = std::getenv("PARLEY_KILLS");
    return named ? std::stoul(named) : usual;
}

struct killing {
    server_process server{{"--message-rate", "0"}};
    random_source chance{20261125};
    counted_talk talk{server, 20261126};
    std::size_t starts = 0;

    /// With one hub and with two, by turns.
    environment surroundings(const std::string& crash_at = {}) {
        environment variables{{"PARLEY_HUBS", starts++ % 2 == 0 ? "1" : "2"}};
        if (!crash_at.empty()) variables["PARLEY_CRASH_AT"] = crash_at;
        return variables;
    }

    void kill_at(const crash_place& place) {
        const auto stages = place.name + ':' + std::to_string(1 + chance.below(place.most)) + place.then;
        INFO("killed at " << stages);
        server.kill();
        // The program over HTTP does not pause, so a busy point may be passed before the server is seen to be
        // up.
        const bool up = server.try_start(surroundings(stages));
        REQUIRE((place.when == moment::talking || up == (place.when != moment::starting)));
        if (place.when == moment::resting || place.when == moment::stopping) {
            const auto until = talk.said() + 20;
            REQUIRE(talk.on_until([&] { return talk.said() >= until; }));
        }
        if (place.when == moment::stopping) server.ask_to_stop();
        const auto ended = [&] { return server.ended(); };
        REQUIRE((place.when == moment::resting ? talk.quiet_until(ended) : talk.on_until(ended)));
        server.start(surroundings());
    }

    void kill_somewhen() {
        const auto at =
            native_client::now().mono_ms + static_cast<std::int64_t>(chance.below(random_within_ms));
        REQUIRE(talk.on_until([&] { return native_client::now().mono_ms >= at; }));
        server.kill();
        talk.all_say_some();  // while nobody is there
        server.start(surroundings());
    }
};

std::set<std::string> points_in_the_source() {
    const std::regex point{R"(PARLEY_CRASH_POINT\((\w+)\))"};
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator{fs::path{PARLEY_SOURCE_DIR} / "server"}) {
        if (entry.path().extension() != ".cpp") continue;
        std::ifstream file{entry.path()};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        for (std::sregex_iterator at{text.begin(), text.end(), point}, end; at != end; ++at)
            found.insert((*at)[1]);
    }
    return found;
}

}  // namespace

TEST_CASE("a server killed at any step of a message's journey loses, repeats and turns around nothing") {
    killing k;
    const auto wanted = kills_wanted();
    std::size_t named = 0;
    for (std::size_t i = 0; i < wanted; ++i) {
#ifdef PARLEY_CRASH_POINTS
        const auto usual = rounds * places().size();
        if (i < usual || (i >= usual + at_random && i % 2 == 0)) {
            k.kill_at(places()[named++ % places().size()]);
            continue;
        }
#endif
        k.kill_somewhen();
        k.talk.disturb_somebody();
    }
    REQUIRE(k.talk.settle());
    const auto sum = k.talk.sum();
    std::cout << wanted << " kills, " << named << " of them at named points: " << sum.said
              << " messages said, " << sum.lost << " lost, " << sum.twice << " twice, " << sum.turned
              << " out of order\n";
    CHECK(k.talk.complaint().empty());
    CHECK(sum.whole());
    CHECK(k.talk.screens_agree());
}

TEST_CASE("every crash point of the source is one that the server is killed at") {
    std::set<std::string> killed_at;
    const std::regex stage{R"((\w+):)"};
    for (const auto& place : places()) {
        killed_at.insert(place.name);
        for (std::sregex_iterator at{place.then.begin(), place.then.end(), stage}, end; at != end; ++at)
            killed_at.insert((*at)[1]);
    }
    CHECK(killed_at == points_in_the_source());
}

}  // namespace parley::testing
