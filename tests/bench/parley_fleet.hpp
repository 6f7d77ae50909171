#pragma once

#include "shared/base/ids.hpp"
#include "tests/bench/fleet.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace parley::bench {

struct account {
    std::string name;
    std::string cookie;
    user_id user;
};

/// The accounts of one server, signed up over HTTP as they are needed.
class accounts {
public:
    explicit accounts(std::uint16_t port) : port_{port} {}

    const std::vector<account>& at_least(std::size_t count);

private:
    std::uint16_t port_;
    std::vector<account> known_;
};

/// As a person would: at most so many sessions are one user's.
inline constexpr std::size_t sessions_per_account = 20;

std::unique_ptr<fleet> make_parley_fleet(const target& to, accounts& users, const shape& of);

/// Sessions that are welcome, follow five rooms each and then say nothing.
std::unique_ptr<fleet> make_idle_fleet(const target& to, accounts& users, std::size_t sessions);

/// The server's CPU time for connecting, upgrading and closing so many sockets, in nanoseconds.
std::uint64_t accept_cpu_ns(const target& to, accounts* users, std::size_t sockets);

}  // namespace parley::bench
