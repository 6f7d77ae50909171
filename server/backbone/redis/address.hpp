#pragma once

#include "shared/base/errors.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::redis {

/// Where a Redis is and who we are there.
struct address {
    std::string host;
    std::uint16_t port = 6379;
    std::string socket;  ///< a path; then host and port mean nothing
    std::string user;    ///< empty: Redis's default user
    std::string password;
    int database = 0;

    /// For people and the log: without user and password.
    [[nodiscard]] std::string text() const;
};

/// `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]` or `unix://[[USER]:PASSWORD@]/PATH`. `detail` says what
/// is allowed, never what was given: that may hold a password.
[[nodiscard]] result<address> parse_address(std::string_view url);

}  // namespace parley::redis
