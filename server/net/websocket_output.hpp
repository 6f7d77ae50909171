#pragma once

#include "server/hub/outgoing.hpp"
#include "shared/base/bytes.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace parley {

/// What one socket has not taken yet, as references to shared messages. Empty, it holds no memory.
class websocket_output {
public:
    enum class outcome : std::uint8_t {
        written,  ///< all of it
        blocked,  ///< the socket is full: wait until it is writable, and write nothing before
        broken
    };

    /// Writes what waits, then these; what the socket does not take waits.
    outcome write(int socket, std::span<const outgoing_ptr> messages);

    /// The same for a whole frame of one's own: a ping, a close.
    outcome write(int socket, bytes frame);

    /// Writes what waits.
    outcome write(int socket);

    [[nodiscard]] std::size_t unsent() const { return unsent_; }

private:
    struct piece {
        std::shared_ptr<const void> owner;
        byte_view left;
    };

    void put(std::shared_ptr<const void> owner, byte_view left);
    outcome write_waiting(int socket);

    std::vector<piece> waiting_;
    std::size_t first_ = 0;  ///< in `waiting_`
    std::size_t unsent_ = 0;
};

}  // namespace parley
