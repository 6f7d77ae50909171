#pragma once

#include "tests/fuzz/grammar.hpp"

#include <deque>
#include <map>
#include <vector>

namespace parley::fuzz {

/// Answers as a server should, in as few lines as that takes: everything is placed at once and stored when
/// told so. Between its frames a target may say whatever else it likes.
class plain_server {
public:
    explicit plain_server(user_id client) : client_(client) {}

    /// What the client said is answered later, in order.
    void hears(wire::frame_up frame);

    [[nodiscard]] bool owes() const { return !heard_.empty(); }

    void answer(std::int64_t now_ms, bytes& message);

    /// Somebody else's message in a room that is followed.
    void speak(room_id room, std::int64_t now_ms, bytes& message);

    /// All that stands in the room is stored.
    void settle(room_id room, bytes& message);

    /// The socket is gone, and with it what was not answered.
    void disconnect();

    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

private:
    struct kept_room {
        std::vector<wire::event> log;
        std::uint64_t w = 0;
        bool joined = false;
        bool followed = false;
    };

    void take(const wire::hello& frame, bytes& message);
    void take(const wire::subscribe& frame, bytes& message);
    void take(const wire::settle& frame, bytes& message);
    void take(const wire::op& frame, bytes& message);
    void take(const wire::request& frame, bytes& message);

    [[nodiscard]] wire::room describe(room_id id, const kept_room& room) const;
    [[nodiscard]] const wire::event* find(const kept_room& room, op_id id) const;

    user_id client_;
    std::uint64_t epoch_ = 1;
    std::int64_t now_ms_ = 0;
    std::uint64_t spoken_ = 0;
    std::map<room_id, kept_room> rooms_;
    std::deque<wire::frame_up> heard_;
};

}  // namespace parley::fuzz
