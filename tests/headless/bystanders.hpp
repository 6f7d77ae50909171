#pragma once

#include "server/store/store.hpp"
#include "tests/headless/raw_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/native_client.hpp"
#include "tests/support/server_process.hpp"

#include <string>
#include <vector>

namespace parley::testing {

/// A server, eve who does what she should not, and two people who talk before and after it.
struct bystanders {
    explicit bystanders(const std::vector<std::string>& more_options = {}) : server(options(more_options)) {
        ann.show(general_room);
        bob.show(general_room);
        REQUIRE(run_until({ann, bob},
                          [&] { return ann.caught_up(general_room) && bob.caught_up(general_room); }));
    }

    /// Nothing of what happened reached them.
    [[nodiscard]] bool goes_on() {
        ann.say(general_room, std::to_string(said++));
        return run_until({ann, bob},
                         [&] { return bob.texts(general_room).size() == static_cast<std::size_t>(said); }) &&
               bob.texts(general_room).back() == std::to_string(said - 1);
    }

    /// A session of eve's.
    [[nodiscard]] raw_session greeted() {
        raw_session session{eve};
        REQUIRE(session.greet(eve.user));
        return session;
    }

    server_process server;
    native_profile eve = sign_up(server.port(), "eve");
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    int said = 0;

private:
    static std::vector<std::string> options(const std::vector<std::string>& more) {
        std::vector<std::string> all{
            "--message-rate", "0", "--max-connections-per-address", "0", "--max-unfinished-per-address", "0"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
};

}  // namespace parley::testing
