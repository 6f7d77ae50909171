#include "server/store/store.hpp"
#include "tests/integration/cluster/cluster.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>

/// Two servers on one PostgreSQL and one Redis.
using namespace parley;
using namespace parley::testing;

namespace {

/// Each at a server of one's own, both in general.
struct ann_and_bob {
    ann_and_bob() {
        ann.show(general_room);
        bob.show(general_room);
    }

    [[nodiscard]] bool until(const std::function<bool()>& holds) { return run_until({ann, bob}, holds); }

    cluster both{2};
    native_client ann{both.sign_up("ann", 0)}, bob{both.sign_up("bob", 1)};
};

}  // namespace

TEST_CASE("what is said on one server is heard on the other, in one order") {
    ann_and_bob in;
    auto& [both, ann, bob] = in;
    REQUIRE(in.until([&] { return ann.caught_up(general_room) && bob.caught_up(general_room); }));
    for (int i = 0; i < 100; ++i) {
        ann.say(general_room, "ann " + std::to_string(i));
        bob.say(general_room, "bob " + std::to_string(i));
    }
    REQUIRE(in.until([&] {
        return ann.status().outbox + bob.status().outbox == 0 && ann.texts(general_room).size() == 200 &&
               bob.texts(general_room).size() == 200;
    }));
    CHECK(ann.texts(general_room) == bob.texts(general_room));

    const auto tea = ann.create("tea");
    REQUIRE(in.until([&] { return ann.joined(tea); }));
    bob.join(tea);
    bob.say(tea, "at once");
    REQUIRE(in.until([&] { return ann.texts(tea).size() == 1 && bob.status().outbox == 0; }));
}

TEST_CASE("a second cluster on the same database ends with a line that says so, and disturbs nobody") {
    cluster both{2};
    native_client ann{both.sign_up("ann", 0)};
    ann.show(general_room);
    redis_server another;
    auto stranger = std::async(std::launch::async, [&] {
        return run_parleyd({"--port", "0"},
                           {{"PARLEY_STORE", both.database().url()}, {"PARLEY_BACKBONE", another.url()}});
    });
    int said = 0;
    REQUIRE(run_until(
        {ann},
        [&] {
            if (ann.status().outbox == 0) ann.say(general_room, std::to_string(said++));
            return stranger.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
        },
        std::chrono::seconds{40}));
    const auto ended = stranger.get();
    CHECK(ended.exit_code == 1);
    CHECK(ended.err.find("another Parley works on this database, with another Redis") != std::string::npos);
    REQUIRE(run_until({ann}, [&] { return ann.status().outbox == 0; }));
    CHECK(both.database().ask("SELECT count(*) FROM epochs") == "2");
    CHECK(both.database().ask("SELECT count(*) FROM messages") == std::to_string(said));
}

TEST_CASE("a start that can't share its store or reach its Redis ends with one line that says why") {
    const auto complaint = [](const environment& variables) {
        const auto ended = run_parleyd({"--port", "0"}, variables);
        CHECK(ended.exit_code == 1);
        CHECK(ended.err.find("sesame") == std::string::npos);
        const auto complained = ended.err.substr(std::min(ended.err.find("parleyd: "), ended.err.size()));
        CHECK(std::count(complained.begin(), complained.end(), '\n') == 1);
        return complained;
    };
    const auto has = [](const std::string& text, const char* part) { return text.find(part) != text.npos; };
    CHECK(has(complaint({{"PARLEY_BACKBONE", "redis://:sesame@"}}), "redis://HOST"));
    CHECK(has(complaint({{"PARLEY_BACKBONE", "elsewhere"}}), "unix://"));
    redis_server redis;
    temporary_folder folder;
    CHECK(has(complaint({{"PARLEY_BACKBONE", redis.url()}, {"PARLEY_DATA", folder.path().string()}}),
              "give --store postgres://"));
    postgres_database database;
    CHECK(
        has(complaint({{"PARLEY_STORE", database.url()}, {"PARLEY_BACKBONE", "redis://:sesame@127.0.0.1:1"}}),
            "can't be reached"));
    redis_server forgetful{{"--maxmemory-policy", "allkeys-lru"}};
    CHECK(has(complaint({{"PARLEY_STORE", database.url()}, {"PARLEY_BACKBONE", forgetful.url()}}),
              "maxmemory-policy noeviction"));
}

TEST_CASE("a session goes on at another server, with what it had not sent") {
    ann_and_bob in;
    auto& [both, ann, bob] = in;
    ann.say(general_room, "before");
    REQUIRE(in.until([&] { return bob.texts(general_room).size() == 1; }));
    both.server(0).kill();
    ann.say(general_room, "meanwhile");
    ann.move(both.server(1).port());
    REQUIRE(in.until([&] { return bob.texts(general_room).size() == 2 && ann.status().outbox == 0; }));
    CHECK(ann.texts(general_room) == bob.texts(general_room));
}
