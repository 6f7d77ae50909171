#pragma once

#include "shared/client/client.hpp"
#include "shared/policy/backoff.hpp"

#include <cstdint>
#include <optional>

/// One socket after the other.
///
///     offline ── start ─▶ connecting ── opened ─▶ greeting ── welcome ─▶ live
///     connecting, greeting, live ── closed, timed out, cut ─▶ waiting; after too many tries: failed
///     waiting, failed ── its time, retry, online, page shown ─▶ connecting
///     any ── not signed in, revoked, wrong user, signed out ─▶ offline, until started again
///
/// While the network is away, waiting shows as offline; it is tried all the same, since what a browser calls
/// the network need not be the way to a server on this very machine. News of a socket other than the last are
/// dropped.
namespace parley {

class connection {
public:
    connection(const client_config& config, random_source& random);

    void start(instant now, client_effects& out);
    void stop(client_effects& out, close_code why = close_code::normal);

    /// Both false for an abandoned socket.
    [[nodiscard]] bool opened(std::uint32_t attempt);
    [[nodiscard]] bool current(std::uint32_t attempt) const;

    void welcomed(instant now);
    void will_go_away(instant now, std::uint32_t retry_ms);

    /// The socket has ended by itself, or `cut` because it is no use.
    void closed(instant now, bool long_wait);
    void cut(instant now, client_effects& out);

    void retry_now(instant now, client_effects& out);
    void network_changed(instant now, bool online, client_effects& out);
    void deadline_passed(instant now, client_effects& out);
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    [[nodiscard]] connection_state state() const;

    [[nodiscard]] bool live() const { return state_ == connection_state::live; }

    [[nodiscard]] bool has_socket() const;

    [[nodiscard]] std::uint32_t socket() const { return socket_; }

    [[nodiscard]] std::uint32_t tries() const { return tries_; }

    [[nodiscard]] std::int64_t next_ms() const;

private:
    void open(instant now, client_effects& out);

    const client_config& config_;
    random_source& random_;
    backoff backoff_;
    connection_state state_ = connection_state::offline;
    bool online_ = true;
    std::uint32_t socket_ = 0;
    std::uint32_t tries_ = 0;
    std::int64_t due_ms_ = 0;  // time-out of connecting and greeting, or the next try
    std::int64_t live_since_ms_ = 0;
    std::optional<deadline_ms> leave_at_ms_;  // the server goes away: be elsewhere by then
};

}  // namespace parley
