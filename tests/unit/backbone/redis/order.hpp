#pragma once

#include "server/backbone/redis/calls.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/redis_server.hpp"

#include <csignal>
#include <string>
#include <vector>

namespace parley::testing {

inline constexpr auto database = "01HZY3V5T0TESTTESTTESTTEST";

inline redis::address address_of(const redis_server& server) {
    std::signal(SIGPIPE, SIG_IGN);
    return redis::parse_address(server.url()).value();
}

/// A Redis with an epoch begun, and the scripts on a connection to it.
struct redis_order {
    explicit redis_order(std::vector<std::string> options = {}, redis::call_limits bounds = {})
        : server(std::move(options)), bounds_(bounds) {
        term.incarnation = calls.look().value().now.incarnation;
        begin(5);
    }

    void begin(std::uint64_t epoch) {
        term.epoch = epoch;
        REQUIRE(calls.begin(term).value() == redis::begin_result::begun);
    }

    [[nodiscard]] result<redis::append_result> append(const redis::term& when, std::uint64_t seen,
                                                      const std::vector<append_item>& items) {
        std::vector<const append_item*> given;
        for (const auto& item : items)
            given.push_back(&item);
        return calls.append(when, seen, given);
    }

    [[nodiscard]] std::vector<redis::read_entry> all() {
        std::vector<redis::read_entry> out;
        auto more = calls.read(term.epoch, 0).value();
        while (!more.empty()) {
            const auto last = more.back().n;
            out.insert(out.end(), more.begin(), more.end());
            if (more.size() < limits::log_entries_a_turn) break;
            more = calls.read(term.epoch, last).value();
        }
        return out;
    }

    redis_server server;
    redis::connection link{address_of(server)};
    redis::key_names keys{database};
    redis::call_limits bounds_;
    redis::calls calls{link, keys, bounds_};
    redis::term term;
};

}  // namespace parley::testing
