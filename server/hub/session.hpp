#pragma once

#include "server/hub/hub.hpp"
#include "shared/base/ring.hpp"
#include "shared/policy/rate_limiter.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace parley {

struct room;
struct session;

struct read_state {
    room_id room;
    std::uint64_t read = 0;
};

/// `leaving`: the last session has closed, and another one may come at once.
enum class presence : std::uint8_t { offline, online, leaving };

/// A user as long as a session or an HTTP op of theirs is here, and a little longer.
struct user_record {
    user_id id;
    std::string name;
    rate_limiter messages;
    std::vector<session*> sessions;  ///< in order of opening
    std::vector<read_state> reads;
    enum presence presence = presence::offline;
    std::int64_t left_ms = 0;  ///< when the last session closed
    std::int64_t idle_ms = 0;  ///< when it became unused
    std::size_t http_ops = 0;
    std::size_t listings = 0;      ///< sessions that wait for their list of rooms
    std::vector<room_id> changed;  ///< own memberships that changed meanwhile

    [[nodiscard]] bool unused() const { return sessions.empty() && http_ops == 0; }

    [[nodiscard]] std::uint64_t read_of(room_id room) const;
    /// Merges by maximum; false if nothing rose.
    bool mark_read(room_id room, std::uint64_t read);
};

/// Requests that are answered from the store, one at a time.
struct request_queue {
    ring<wire::request> waiting;
    std::uint32_t query = 0;  ///< under way; 0: none
};

enum class session_phase : std::uint8_t { opened, greeted, closing };

struct session {
    session_handle handle = 0;
    session_id id;
    login_id login;
    user_record* user = nullptr;
    session_phase phase = session_phase::opened;
    std::int64_t login_expires_ms = 0;  ///< 0: never

    // What is said to it in this turn; kept by fan_out.
    bool has_news = false;
    bool private_last = false;  ///< the last message of the queue is its own and still open
    std::vector<outgoing_ptr> queue;

    bool listing = false;  ///< its list of rooms is being read
    bool pinged = false;
    std::uint32_t ping = 0;
    std::uint32_t waiting_ops = 0;  ///< in lanes
    std::size_t unsent = 0;         ///< as the host told last
    std::size_t turn_bytes = 0;     ///< private ones of this turn
    std::int64_t behind_ms = 0;     ///< when it last fell behind; 0: never

    std::vector<room*> live;     ///< rooms whose events it gets
    std::vector<room*> reading;  ///< rooms that it resumes
    std::unique_ptr<request_queue> requests;

    [[nodiscard]] bool lives_in(const room& where) const;
};

}  // namespace parley
