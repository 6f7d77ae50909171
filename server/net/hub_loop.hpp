#pragma once

#include "server/backbone/backbone.hpp"
#include "server/hub/hub.hpp"
#include "server/net/adopted_socket.hpp"
#include "server/net/poller.hpp"
#include "server/net/query_pool.hpp"
#include "server/net/socket_table.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

namespace parley {

/// What a hub's thread works with. All of it is thread-safe and outlives the loop.
struct hub_surroundings {
    backbone& order;
    query_pool& store;
    std::atomic<std::size_t>& process_unsent;
    std::function<void(const read_mark&)> mark_read;
    std::function<void(const log_line&)> log;
};

using op_answered = std::function<void(const answer_http&)>;

/// One hub, its sockets and its thread.
///
/// A turn takes what is ready, until 512 events, 1 ms or 256 KiB of input, gives it to the hub as facts,
/// takes in what the backbone has, and lets the hub flush: one write for each session that has something to
/// hear. There is no delay on purpose: an idle server answers at once, a busy one batches by itself.
class hub_loop {
public:
    hub_loop(const hub_config& config, std::uint64_t seed, hub_surroundings surroundings);
    ~hub_loop();

    void start();

    // From any thread.
    void adopt(adopted_socket socket);
    void post(hub_fact fact);
    void post_op(user_id user, std::string name, wire::op op, op_answered answer);
    [[nodiscard]] hub_counts counts() const;

    /// Tells every session, lets them take what they were told, for 2 s at most, and ends the thread. `stop`
    /// waits for that.
    void shut_down();

    /// Ends the thread, without a word to anybody unless `shut_down` came first, and drops what waits for an
    /// answer.
    void stop();

private:
    struct op_call {
        http_op op;
        op_answered answer;
    };

    using letter = std::variant<adopted_socket, hub_fact, op_call>;

    void run();
    void turn(std::span<const epoll_event> ready);
    void take_input(std::span<const epoll_event> ready);
    void take_mail();
    void follow_log();
    void flush();
    void step(const hub_fact& fact);
    void ask_order();
    void carry_out();
    void begin_shutdown();
    void publish_counts();
    void mail(letter posted);
    [[nodiscard]] bool has_mail();
    [[nodiscard]] std::optional<std::int64_t> idle_time_ms();
    [[nodiscard]] bool finished() const;

    hub_surroundings around_;
    log_position position_;
    hub hub_;
    poller poller_;
    socket_table sockets_;
    instant now_;
    hub_effects effects_;
    std::vector<close_session> closes_;  ///< ordered in this turn; carried out behind the flush
    std::unordered_map<std::uint64_t, op_answered> calls_;
    std::uint64_t last_token_ = 0;
    bool more_to_do_ = false;  ///< the next turn comes at once
    bool shutting_down_ = false;
    deadline_ms shut_by_ms_ = 0;

    std::atomic<bool> log_grew_{true};
    std::atomic<bool> shutdown_wanted_{false};
    std::atomic<bool> stop_wanted_{false};
    std::mutex mailbox_mutex_;
    std::vector<letter> mailbox_;
    mutable std::mutex counts_mutex_;
    hub_counts counts_;
    deadline_ms counted_at_ms_ = 0;
    bool counts_stale_ = false;
    std::thread thread_;
};

}  // namespace parley
