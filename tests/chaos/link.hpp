#pragma once

#include "server/net/unique_fd.hpp"
#include "tests/chaos/forecast.hpp"
#include "tests/chaos/pipe.hpp"

#include <cstdint>
#include <optional>
#include <poll.h>
#include <vector>

namespace parley::chaos {

/// What one direction does with what comes.
enum class flow_state : std::uint8_t {
    carrying,
    draining,    ///< its sender has ended; what waits still goes
    finished,    ///< and the receiver was told
    swallowing,  ///< it reads and forgets
    swallowed,   ///< its sender has ended, and nobody was told
};

/// One connection through the proxy: two sockets, and what its fate makes of them.
class link {
public:
    link(unique_fd client, unique_fd server, const connection_fate& fate, std::uint64_t seed);

    /// Reads and writes what it can without waiting; lets its ending come when it is due.
    void carry(std::int64_t now_ms);

    /// Another fate from here on.
    void meet(const connection_fate& fate);

    /// No fault comes any more. One that has come stays: who believes falsely goes on believing.
    void calm();

    /// Both sides get a reset.
    void reset();

    [[nodiscard]] bool over() const { return done(up_) && done(down_); }

    /// The ending that has come.
    [[nodiscard]] fault suffered() const { return suffered_; }

    [[nodiscard]] std::size_t stalls() const { return up_.way.stalls() + down_.way.stalls(); }

    /// Adds the sockets that it waits for.
    void watch(std::int64_t now_ms, std::vector<pollfd>& sockets) const;

    /// When it wants to be carried, whatever its sockets do; in the future.
    [[nodiscard]] std::optional<std::int64_t> due_ms(std::int64_t now_ms) const;

private:
    struct flow {
        pipe way;
        unique_fd& from;
        unique_fd& to;
        flow_state state = flow_state::carrying;
    };

    [[nodiscard]] static bool moves(const flow& each);
    [[nodiscard]] static bool reads(const flow& each);
    [[nodiscard]] static bool done(const flow& each);
    static void hush(flow& each);
    static void forget(flow& from_it, flow& to_it);

    void read(flow& each, flow& back, std::int64_t now_ms);
    void write(flow& each, flow& back, std::int64_t now_ms);
    void lose(flow& from_it, flow& to_it);
    void strike();

    unique_fd client_, server_;
    flow up_, down_;
    fault ending_ = fault::none, suffered_ = fault::none;
};

}  // namespace parley::chaos
