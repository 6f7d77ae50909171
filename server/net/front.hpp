#pragma once

#include "server/net/http_session.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace parley {

/// Accepts connections and speaks HTTP with them, on a thread of its own.
class front {
public:
    /// Listens from here on; connections wait until `start`. Throws `std::system_error` where it can't
    /// listen. `port` 0: any that is free.
    front(const std::string& address, std::uint16_t port, http_surroundings around);
    ~front();

    void start();

    /// Accepts no more, drops connections that are not WebSockets, ends the thread.
    void stop();

    [[nodiscard]] std::uint16_t port() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace parley
