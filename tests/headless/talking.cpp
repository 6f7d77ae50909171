#include "server/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

/// What people do on a good day, with one hub and with two.
namespace parley::testing {
namespace {

std::vector<std::string> with_hubs(const std::string& count) {
    return {"--hubs", count, "--message-rate", "0"};
}

std::vector<std::string> numbered(const std::string& what, int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
        texts.push_back(what + ' ' + std::to_string(i));
    return texts;
}

bool in_general(native_client& who) {
    return who.live() && who.joined(general_room) && who.caught_up(general_room);
}

}  // namespace

TEST_CASE("two people talk") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    ann.show(general_room);
    bob.show(general_room);
    REQUIRE(run_until({ann, bob}, [&] { return in_general(ann) && in_general(bob); }));

    ann.say(general_room, "hello");
    REQUIRE(run_until({ann, bob}, [&] { return bob.texts(general_room).size() == 1; }));
    bob.say(general_room, "hello yourself");
    const std::vector<std::string> both{"hello", "hello yourself"};
    REQUIRE(run_until({ann, bob},
                      [&] { return ann.texts(general_room) == both && bob.texts(general_room) == both; }));
    CHECK(ann.status().outbox == 0);
}

TEST_CASE("a hundred messages sent in one go arrive in order, once, in every other client") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    native_client eve{sign_up(server.port(), "eve")};
    for (native_client* each : {&ann, &bob, &eve})
        each->show(general_room);
    REQUIRE(
        run_until({ann, bob, eve}, [&] { return in_general(ann) && in_general(bob) && in_general(eve); }));

    const auto expected = numbered("message", 100);
    for (const auto& text : expected)
        ann.say(general_room, text);
    REQUIRE(run_until({ann, bob, eve}, [&] {
        return ann.texts(general_room).size() >= 100 && bob.texts(general_room).size() >= 100 &&
               eve.texts(general_room).size() >= 100;
    }));
    CHECK(ann.texts(general_room) == expected);
    CHECK(bob.texts(general_room) == expected);
    CHECK(eve.texts(general_room) == expected);
    REQUIRE(run_until({ann}, [&] { return ann.status().outbox == 0; }));
}

TEST_CASE("everybody's messages stand in the same order everywhere") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    std::vector<std::unique_ptr<native_client>> people;
    native_clients all;
    for (const std::string name : {"ann", "bob", "cem", "dee"}) {
        people.push_back(std::make_unique<native_client>(sign_up(server.port(), name)));
        people.back()->show(general_room);
        all.emplace_back(*people.back());
    }
    REQUIRE(run_until(all, [&] {
        return std::all_of(all.begin(), all.end(), [](native_client& each) { return in_general(each); });
    }));
    for (int i = 0; i < 25; ++i) {
        for (native_client& each : all)
            each.say(general_room, each.profile().name + ' ' + std::to_string(i));
    }
    REQUIRE(run_until(all, [&] {
        return std::all_of(all.begin(), all.end(), [](native_client& each) {
            return each.texts(general_room).size() == 100 && each.status().outbox == 0;
        });
    }));
    for (native_client& each : all)
        CHECK(each.texts(general_room) == people.front()->texts(general_room));
}

TEST_CASE("create and send at once both succeed") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    native_client ann{sign_up(server.port(), "ann")};
    REQUIRE(run_until({ann}, [&] { return ann.live(); }));
    const auto room = ann.create("tea");
    ann.show(room);
    const auto expected = numbered("at once", 10);
    for (const auto& text : expected)
        ann.say(room, text);
    REQUIRE(run_until({ann}, [&] { return ann.texts(room).size() == 10 && ann.status().outbox == 0; }));
    CHECK(ann.texts(room) == expected);
    CHECK(ann.joined(room));
}

TEST_CASE("join and send at once both succeed") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    REQUIRE(run_until({ann, bob}, [&] { return ann.live() && bob.live(); }));
    const auto room = ann.create("tea");
    ann.show(room);
    REQUIRE(run_until({ann, bob}, [&] { return ann.joined(room); }));

    bob.join(room);
    bob.show(room);
    bob.say(room, "may I?");
    const std::vector<std::string> expected{"may I?"};
    REQUIRE(
        run_until({ann, bob}, [&] { return ann.texts(room) == expected && bob.texts(room) == expected; }));
    REQUIRE(run_until({ann, bob}, [&] { return bob.status().outbox == 0; }));
    CHECK(bob.joined(room));
}

TEST_CASE("what was written offline is sent once when the link returns") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    ann.show(general_room);
    bob.show(general_room);
    REQUIRE(run_until({ann, bob}, [&] { return in_general(ann) && in_general(bob); }));
    ann.cut();
    CHECK_FALSE(ann.live());
    const auto expected = numbered("from the tunnel", 5);
    for (const auto& text : expected)
        ann.say(general_room, text);
    REQUIRE(run_until({ann, bob},
                      [&] { return bob.texts(general_room).size() >= 5 && ann.status().outbox == 0; }));
    CHECK(bob.texts(general_room) == expected);
}

TEST_CASE("a reload right after Send loses nothing and repeats nothing") {
    const server_process server{with_hubs(GENERATE("1", "2"))};
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    ann.show(general_room);
    bob.show(general_room);
    REQUIRE(run_until({ann, bob}, [&] { return in_general(ann) && in_general(bob); }));
    std::vector<std::string> expected;
    for (int round = 0; round < 10; ++round) {
        for (const auto& text : numbered("round " + std::to_string(round), 3)) {
            ann.say(general_room, text);
            expected.push_back(text);
        }
        if (round % 2 == 0) ann.turn();
        ann.reload();
    }
    ann.show(general_room);
    REQUIRE(run_until({ann, bob},
                      [&] { return bob.texts(general_room).size() >= 30 && ann.status().outbox == 0; }));
    CHECK(bob.texts(general_room) == expected);
}

}  // namespace parley::testing
