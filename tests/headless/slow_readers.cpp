#include "server/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

#include <algorithm>
#include <sys/socket.h>

/// Who stops reading in a busy room holds up nobody, is told, and misses nothing.
namespace parley::testing {
namespace {

constexpr std::size_t readers = 20;
constexpr std::size_t slow_readers = 4;
constexpr int rounds = 10;  // of 100 kB: together more than a session may owe and a kernel hides
constexpr int messages_a_round = 10;

std::size_t times_logged(const server_process& server, const std::string& event) {
    const auto said = server.output();
    std::size_t count = 0;
    for (auto at = said.find(event); at != said.npos; at = said.find(event, at + 1))
        ++count;
    return count;
}

struct busy_room {
    busy_room() {
        for (std::size_t i = 0; i < readers; ++i) {
            const auto name = "guest-" + std::to_string(i);
            people.push_back(std::make_unique<native_client>(sign_up(server.port(), name)));
            people.back()->show(general_room);
        }
        REQUIRE(run_until(all(), [&] {
            return std::all_of(people.begin(), people.end(),
                               [](auto& each) { return each->caught_up(general_room); });
        }));
        for (native_client& each : slow()) {
            const int little = 16 * 1024;  // or a kernel that saw it read fast takes a megabyte in its stead
            ::setsockopt(each.socket(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
        }
    }

    native_clients some(std::size_t from, std::size_t to) {
        native_clients found;
        for (auto i = from; i < to; ++i)
            found.emplace_back(*people[i]);
        return found;
    }

    native_clients all() { return some(0, readers); }

    native_clients quick() { return some(slow_readers, readers); }

    native_clients slow() { return some(0, slow_readers); }

    /// All that was said; who got a snapshot of the newest asks for the older ones.
    [[nodiscard]] bool hold_all(const native_clients& who) const {
        const auto is_message = [](const row_view& row) {
            return row.kind == change_kind::message && row.committed;
        };
        return std::all_of(who.begin(), who.end(), [&](native_client& each) {
            if (!each.holds_all(general_room)) return false;
            const auto& rows = each.core().room(general_room)->rows;
            return std::count_if(rows.begin(), rows.end(), is_message) >=
                   static_cast<std::ptrdiff_t>(said.size());
        });
    }

    /// One of the quick ones speaks while the slow ones do not read.
    void talk_on() {
        auto& speaker = *people.back();
        for (int round = 0; round < rounds; ++round) {
            for (int i = 0; i < messages_a_round; ++i) {
                auto text = std::to_string(said.size()) + ' ';
                text.resize(limits::message_code_points, 'x');
                speaker.say(general_room, text);
                said.push_back(std::move(text));
            }
            REQUIRE(run_until(quick(), [&] { return hold_all(quick()); }));
        }
    }

    server_process server{{"--message-rate", "0", "--hubs", "2"}};
    std::vector<std::unique_ptr<native_client>> people;
    std::vector<std::string> said;
};

}  // namespace

TEST_CASE("readers who stop reading hold up nobody, are told, and catch up without a loss") {
    busy_room room;
    room.talk_on();
    CHECK(times_logged(room.server, "session_behind") == slow_readers);
    CHECK(times_logged(room.server, "session_refused") == 0);

    REQUIRE(run_until(room.all(), [&] { return room.hold_all(room.all()); }));
    for (native_client& each : room.all())
        CHECK(each.texts(general_room) == room.said);
    for (native_client& each : room.slow())
        CHECK_FALSE(each.last_close());
}

TEST_CASE("readers who fall behind twice in half a minute are cut, and miss nothing either") {
    busy_room room;
    room.talk_on();
    REQUIRE(run_until(room.all(), [&] { return room.hold_all(room.all()); }));
    room.talk_on();
    REQUIRE(run_until(room.all(), [&] { return room.hold_all(room.all()); }));
    for (native_client& each : room.all())
        CHECK(each.texts(general_room) == room.said);
    for (native_client& each : room.slow())
        CHECK(each.last_close() == static_cast<std::uint16_t>(close_code::policy_violation));
    for (native_client& each : room.quick())
        CHECK_FALSE(each.last_close());
}

}  // namespace parley::testing
