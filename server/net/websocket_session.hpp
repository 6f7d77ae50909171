#pragma once

#include "server/hub/hub.hpp"
#include "server/net/connection_ledger.hpp"
#include "server/net/unique_fd.hpp"
#include "server/net/websocket_frames.hpp"
#include "server/net/websocket_output.hpp"

namespace parley {

/// One upgraded socket of a `socket_table`. Ten thousand of them sit idle, so each byte counts.
struct websocket_session {
    enum class state : std::uint8_t {
        open,
        closing,  ///< a close frame waits to be written
        draining  ///< our half is shut; what still arrives is thrown away
    };

    session_handle handle = 0;
    unique_fd socket;
    connection_ledger::ticket ticket;
    ws_reader reader{ws_role::server};
    websocket_output output;
    std::size_t counted_unsent = 0;  ///< as added to the sum of the process
    bytes pong;                      ///< what the latest unanswered ping carried
    std::int64_t read_at_ms = 0;
    std::int64_t pinged_at_ms = 0;
    std::int64_t progress_at_ms = 0;  ///< while blocked: when the socket last took something
    std::int64_t close_by_ms = 0;     ///< while closing or draining
    state now = state::open;
    bool known = false;        ///< the hub has heard of it, and not of its end
    bool ping_waits = false;   ///< `pong` is to be sent
    bool blocked = false;      ///< waiting until the socket is writable
    bool unsent_told = false;  ///< the hub has been told of unsent bytes
    bool news_queued = false;
};

}  // namespace parley
