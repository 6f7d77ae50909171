#pragma once

#include "tests/support/http_writer.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// P1 and P2 against a real server: people who number what they say, so that it can be told afterwards what
/// was lost, came twice or was turned around.
namespace parley::testing {

/// What became of all that was said.
struct talk_sum {
    std::size_t said = 0, stored = 0, lost = 0, twice = 0, turned = 0;

    [[nodiscard]] bool whole() const { return stored == said && lost + twice + turned == 0; }
};

/// Who talks where, and how they get to the server.
struct talk_plan {
    std::uint16_t port = 0;    ///< by which people reach it; 0: its own
    std::size_t rooms = 1;     ///< `general` and others, in each of which everybody talks
    std::int64_t pace_ms = 4;  ///< between two utterances of a person, on average
    std::size_t longest = 0;   ///< bytes that some messages have behind their number, at most
    client_config client = native_client::impatient();
    std::chrono::milliseconds http_patience = std::chrono::seconds{15};
};

/// Three people with the client core, and in each room a program over HTTP.
///
///     counted_talk talk{server, seed};
///     REQUIRE(talk.on_until([&] { return server.ended(); }));
///     server.start();
///     REQUIRE(talk.settle());
///     CHECK(talk.sum().whole());
class counted_talk {
public:
    counted_talk(server_process& server, std::uint64_t seed, talk_plan plan = {});

    /// Everybody talks until `holds`; false: it did not within `patience`.
    [[nodiscard]] bool on_until(const std::function<bool()>& holds,
                                std::chrono::milliseconds patience = std::chrono::seconds{20});

    /// Everybody listens until `holds`.
    [[nodiscard]] bool quiet_until(const std::function<bool()>& holds,
                                   std::chrono::milliseconds patience = std::chrono::seconds{20});

    /// Once, in sight of nobody if the server is away.
    void all_say_some();

    /// Until each thing said has its verdict and everybody has caught up.
    [[nodiscard]] bool settle(std::chrono::milliseconds patience = std::chrono::seconds{60});

    /// Now and then somebody's network fails, or somebody loads the page again.
    void disturb_somebody();

    /// Everybody holds all of every room, to its beginning.
    [[nodiscard]] bool read_all();

    /// Everybody loads the page again.
    void reload_all();

    /// What is still missing to be settled, for people; empty if nothing is.
    [[nodiscard]] std::string unsettled();

    /// By the server's own log, read over HTTP.
    [[nodiscard]] talk_sum sum();

    /// Everybody's screen shows what the log has, as far as it shows anything, and nothing else. Only when
    /// settled.
    [[nodiscard]] bool screens_agree();

    /// A complaint of a program over HTTP; empty if none has any.
    [[nodiscard]] std::string complaint() const;

    [[nodiscard]] native_client& person(std::size_t i) { return *people_.at(i); }

    /// Messages said, over HTTP too.
    [[nodiscard]] std::size_t said() const;

private:
    [[nodiscard]] native_clients all();
    void invite_people();
    void open_rooms();
    void start_programs();
    void let_programs_speak(bool wanted);
    void say_what_is_due();
    void say_some(native_client& person);
    [[nodiscard]] std::string filler();
    [[nodiscard]] std::map<std::string, int> said_in(std::size_t room) const;
    void count(std::size_t room, talk_sum& into);
    [[nodiscard]] std::vector<std::string> log(room_id room);

    server_process& server_;
    talk_plan plan_;
    random_source chance_;
    std::vector<room_id> rooms_;
    std::vector<std::unique_ptr<native_client>> people_;
    std::map<std::pair<std::string, std::size_t>, int> said_;  ///< by name and room
    std::vector<std::int64_t> next_ms_;
    std::vector<std::unique_ptr<http_writer>> programs_;  ///< one for each room
};

}  // namespace parley::testing
