#pragma once

#include "server/net/api_port.hpp"
#include "server/net/connection_ledger.hpp"
#include "server/net/unique_fd.hpp"
#include "shared/base/bytes.hpp"
#include "shared/base/errors.hpp"

#include <string>
#include <variant>

namespace parley {

/// A socket on its way from HTTP to a hub: nothing of the 101 is written yet.
struct adopted_socket {
    unique_fd socket;
    connection_ledger::ticket ticket;
    std::string head;  ///< the 101 answer, to be written first
    bytes rest;        ///< read beyond the request
    /// Whose it is; or why it is nobody's, which is said on the socket before it is closed.
    std::variant<upgraded_login, error> login;
};

}  // namespace parley
