#pragma once

#include "server/ops/config.hpp"

#include <memory>
#include <string>

namespace parley {

/// The whole server, wired together. Serves from its construction on.
class app {
public:
    /// Throws `std::exception` with one line that says what is wrong: the data, the port.
    explicit app(const config& options);
    ~app();

    /// Where to point a browser.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] std::uint16_t port() const;

    /// What the owner types as an invitation; empty where nobody needs it.
    [[nodiscard]] std::string set_up_code() const;

    /// Housekeeping, to be called about twice a second: the line of counts. False: what is stored can't be
    /// trusted any more, and the process must end.
    [[nodiscard]] bool tick();

    /// Tells every session, writes what is not stored yet. False: not all could be written.
    bool shut_down();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace parley
