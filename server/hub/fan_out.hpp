#pragma once

#include "server/hub/hub.hpp"
#include "server/hub/room.hpp"
#include "server/hub/session.hpp"
#include "shared/wire/codec.hpp"

#include <vector>

namespace parley {

/// What is said in a turn, encoded once.
///
/// What a room says is one message that all its live sessions share: opened by the first frame, closed when
/// its audience changes, before a private frame about that room, when it is full, and by `flush`. A session
/// queues the messages in the order of their opening; its private frames share one as long as nothing else
/// comes between.
class fan_out {
public:
    /// To everybody who follows the room.
    template <class Frame>
    void say(room& where, const Frame& frame) {
        if (where.live.empty()) return;
        encode(frame);
        put(where);
    }

    /// To one session, about nothing that a room says.
    template <class Frame>
    void tell(session& to, const Frame& frame) {
        encode(frame);
        put(to);
    }

    /// To one session, about a room.
    template <class Frame>
    void tell(room& where, session& to, const Frame& frame) {
        if (where.message && to.lives_in(where)) close(where);
        tell(to, frame);
    }

    /// To be called before the audience changes.
    void close(room& where);

    [[nodiscard]] const std::vector<room*>& speaking() const { return speaking_; }

    /// What `sends` held is over; sessions queue their next messages in its memory.
    void flush(std::vector<send_messages>& sends);

    void forget(session& gone);
    void forget(room& gone);

private:
    template <class Frame>
    void encode(const Frame& frame) {
        scratch_.clear();
        wire::append(scratch_, frame);
    }

    void put(room& where);
    void put(session& to);
    void enqueue(session& to, const outgoing_ptr& message);
    void add_scratch(outgoing& message);
    [[nodiscard]] bool fits(outgoing& message) const;

    bytes scratch_;
    std::vector<session*> with_news_;
    std::vector<room*> speaking_;
};

}  // namespace parley
