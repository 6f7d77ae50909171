#pragma once

#include "server/backbone/local_backbone.hpp"
#include "server/hub/hub.hpp"
#include "server/store/committer.hpp"
#include "server/store/memory_store.hpp"
#include "shared/wire/codec.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// One hub with a real backbone, committer and memory store, in one thread. Each `turn` gives the hub what
/// has happened, lets it read the log and flushes. Storing and the store's answers can be held back.
class hub_world {
public:
    /// One session, as its client hears it.
    struct listener {
        session_handle handle = 0;
        user_id user;
        std::vector<wire::frame_down> heard;
        bool closed = false;
        close_code code = close_code::normal;
        std::size_t messages = 0;

        template <class Frame>
        [[nodiscard]] std::vector<Frame> all() const {
            std::vector<Frame> found;
            for (const auto& frame : heard) {
                if (const auto* one = std::get_if<Frame>(&frame)) found.push_back(*one);
            }
            return found;
        }

        template <class Frame>
        [[nodiscard]] Frame last() const {
            const auto found = all<Frame>();
            return found.empty() ? Frame{} : found.back();
        }

        /// The op_reply of that op, the newest.
        [[nodiscard]] wire::op_reply reply_to(op_id op) const;
        /// What it is told, in order: "room page event watermark reply".
        [[nodiscard]] std::string story() const;
    };

    explicit hub_world(hub_config config = {});

    [[nodiscard]] static user_id user(std::uint64_t n) { return {{1, n}}; }

    [[nodiscard]] static room_id room(std::uint64_t n) { return {{2, n}}; }

    [[nodiscard]] op_id fresh_op();

    /// A socket of this user, before its hello.
    listener& connect(user_id user, const std::string& name, std::int64_t login_expires_ms = 0);
    /// A session that has been welcomed.
    listener& greet(user_id user, const std::string& name);
    void close(listener& who);

    template <class Frame>
    void say(const listener& who, const Frame& frame) {
        bytes message;
        wire::append(message, frame);
        send(who, message);
    }

    /// Within this turn; `turn` ends it.
    void send(const listener& who, const bytes& message);

    op_id offer(const listener& who, wire::op op);
    op_id post(const listener& who, room_id room, const std::string& text, op_id after = {});
    op_id create(const listener& who, room_id room, const std::string& name);
    op_id join(const listener& who, room_id room);
    op_id leave(const listener& who, room_id room);
    void subscribe(const listener& who, room_id room, std::uint64_t seq = 0, std::uint64_t epoch = 0);
    /// Creates the room and follows it.
    void found(listener& who, room_id room);

    void give(const hub_fact& fact);
    void turn();
    /// Turns, storing and answering until nothing moves.
    void settle_all();
    void pass(std::int64_t ms);
    /// Stores the next batch and announces it; false if there is none.
    bool store_next();
    bool answer_next();
    /// What the backbone judged while `ordering` was off; false if there is nothing.
    bool answer_append();
    /// The sequencer has lost its state.
    void lose_backbone();

    bool storing = true;    ///< `settle_all` stores
    bool answering = true;  ///< `turn` answers the store's queries
    bool ordering = true;   ///< the backbone answers appends at once; else it judges them and says nothing
    instant now{1'000, 1'800'000'000'000};
    memory_store store;
    std::uint64_t epoch;
    local_backbone order;
    hub core;
    hub_effects effects;
    std::map<std::uint64_t, wire::op_reply> http;
    std::vector<log_line> lines;
    std::deque<query> queries;
    std::uint64_t queries_asked = 0;
    std::vector<read_mark> marks;

private:
    void perform();
    void read_log();
    void deliver();
    void write(committer_effects& made);
    [[nodiscard]] query_answered answer_of(const query& asked);

    log_position position_;
    committer writer_;
    log_position writer_position_;
    std::optional<write_batch> to_write_;
    std::deque<appended> judged_;
    std::map<session_handle, std::unique_ptr<listener>> listeners_;
    std::uint64_t next_handle_ = 0;
    std::uint64_t next_op_ = 0;
    std::uint32_t next_request_ = 100;
    bool moved_ = false;
};

}  // namespace parley
