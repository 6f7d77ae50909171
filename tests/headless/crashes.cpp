#include "server/store/store.hpp"
#include "shared/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

#include <map>

/// P1 and P2 against the real thing: nothing is lost, repeated or turned around, however often the server
/// dies.
namespace parley::testing {
namespace {

constexpr int crashes = 50;

struct talk {
    server_process& server;
    std::vector<std::unique_ptr<native_client>> people;
    std::map<std::string, int> said;
    random_source chance{20261120};

    explicit talk(server_process& given) : server(given) {
        for (const std::string name : {"ann", "bob", "cem"}) {
            people.push_back(std::make_unique<native_client>(sign_up(server.port(), name)));
            people.back()->show(general_room);
        }
    }

    [[nodiscard]] native_clients all() {
        native_clients everybody;
        for (auto& each : people)
            everybody.emplace_back(*each);
        return everybody;
    }

    void say_some() {
        for (auto& each : people) {
            const auto& name = each->profile().name;
            for (auto count = 1 + chance.below(4); count > 0; --count) {
                each->say(general_room, name + ' ' + std::to_string(said[name]++));
            }
        }
    }

    /// Until somebody has seen so many messages more, committed or not: a moment in the middle of the stream.
    bool see_more(std::size_t more) {
        auto& watcher = *people.front();
        const auto seen = [&] {
            const auto* view = watcher.core().room(general_room);
            return view ? view->head : 0;
        };
        const auto until = seen() + more;
        return run_until(all(), [&] { return seen() >= until; });
    }

    [[nodiscard]] std::size_t total() const {
        std::size_t sum = 0;
        for (const auto& [name, count] : said)
            sum += static_cast<std::size_t>(count);
        return sum;
    }

    [[nodiscard]] bool settled() {
        for (auto& each : people) {
            if (each->status().outbox != 0 || !each->holds_all(general_room)) return false;
            if (each->texts(general_room).size() < total()) return false;
        }
        return true;
    }
};

/// Each author's messages, each once, in the order in which they were composed.
void check_order(const std::vector<std::string>& texts, const std::map<std::string, int>& said) {
    std::map<std::string, int> next;
    for (const auto& text : texts) {
        const auto space = text.find(' ');
        const auto name = text.substr(0, space);
        INFO("at \"" << text << '"');
        REQUIRE(text == name + ' ' + std::to_string(next[name]));
        ++next[name];
    }
    CHECK(next == said);
}

}  // namespace

TEST_CASE("a server killed in the middle of the stream loses, repeats and turns around nothing") {
    server_process server{{"--hubs", GENERATE("1", "2"), "--message-rate", "0"}};
    talk talk{server};
    REQUIRE(run_until(talk.all(), [&] { return talk.people.front()->caught_up(general_room); }));
    for (int crash = 0; crash < crashes; ++crash) {
        talk.say_some();
        if (talk.chance.one_in(5)) talk.people[talk.chance.below(3)]->cut();
        REQUIRE(talk.see_more(talk.chance.below(4)));
        server.kill();
        talk.say_some();  // while nobody is there
        if (talk.chance.one_in(5)) {
            auto& one = *talk.people[1 + talk.chance.below(2)];
            one.reload();
            one.show(general_room);
        }
        server.start();
    }
    REQUIRE(run_until(
        talk.all(), [&] { return talk.settled(); }, std::chrono::seconds{60}));
    const auto first = talk.people.front()->texts(general_room);
    check_order(first, talk.said);
    for (auto& each : talk.people)
        CHECK(each->texts(general_room) == first);

    native_client late{sign_up(server.port(), "late")};
    late.show(general_room);
    REQUIRE(run_until({late}, [&] {
        return late.holds_all(general_room) && late.texts(general_room).size() >= talk.total();
    }));
    CHECK(late.texts(general_room) == first);
}

TEST_CASE("a client that reads a restarted server's log finds what was stored and nothing else") {
    server_process server{{"--hubs", GENERATE("1", "2"), "--message-rate", "0"}};
    native_client ann{sign_up(server.port(), "ann")};
    ann.show(general_room);
    REQUIRE(run_until({ann}, [&] { return ann.caught_up(general_room); }));
    for (int i = 0; i < 20; ++i)
        ann.say(general_room, std::to_string(i));
    REQUIRE(run_until({ann}, [&] { return ann.status().outbox == 0; }));
    const auto before = ann.texts(general_room);
    server.kill();
    server.start();
    native_client bob{sign_up(server.port(), "bob")};
    bob.show(general_room);
    REQUIRE(run_until({ann, bob}, [&] { return bob.texts(general_room).size() >= 20; }));
    CHECK(bob.texts(general_room) == before);
}

}  // namespace parley::testing
