#pragma once

#include "server/hub/hub.hpp"
#include "server/net/adopted_socket.hpp"
#include "server/net/poller.hpp"
#include "server/net/websocket_frames.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace parley {

struct websocket_session;

/// The upgraded sockets of one hub's thread: reads their messages, writes what the hub says, ends them.
///
/// A session is open until either side says close, which is then answered in kind: what waits is written,
/// then a close frame; the writing half is shut, and the peer has 2 s to end its own. The hub hears of
/// an end once, as `session_closed`.
class socket_table {
public:
    using tell_hub = std::function<void(const hub_fact&)>;

    /// `process_unsent` counts the unsent bytes of the whole process.
    socket_table(poller& poller, std::atomic<std::size_t>& process_unsent, tell_hub tell,
                 random_source random);
    ~socket_table();
    socket_table(const socket_table&) = delete;
    socket_table& operator=(const socket_table&) = delete;

    // Before the hub's flush; these tell the hub its facts.
    void adopt(instant now, adopted_socket adopted);
    /// Returns how many bytes were read.
    std::size_t handle(instant now, const epoll_event& event);
    /// What the last flush could not write, and what it broke on.
    void tell_news();
    void sweep(instant now);

    // With the hub's flush; what these find out is news.
    void send(instant now, const send_messages& order);
    void close(instant now, session_handle session, close_code code);
    void close_all(instant now, close_code code);
    void finish_turn(instant now);

    [[nodiscard]] bool has_news() const {
        return !unsent_news_.empty() || !ended_.empty() || !broken_.empty();
    }

    [[nodiscard]] bool empty() const { return open_ == 0; }

    /// When it next wants `sweep`.
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

private:
    using session = websocket_session;

    session& make_session(instant now, adopted_socket& adopted);
    [[nodiscard]] session* find(session_handle handle);
    std::size_t read(instant now, session& s);
    void consume(instant now, session& s, byte_view input);
    void write_on(instant now, session& s);
    void after_write(instant now, session& s, bool broken);
    void answer_close(instant now, session& s, std::uint16_t code);
    void start_closing(instant now, session& s, std::uint16_t code);
    void forget(session& s);
    void tell_closed(session& s);
    void drop(session& s);
    void look_after(instant now, session& s);
    void cut_largest_debtors();
    void refresh_due(const session& s);

    poller& poller_;
    std::atomic<std::size_t>& process_unsent_;
    tell_hub tell_;
    random_source random_;
    std::vector<std::unique_ptr<session>> slots_;
    std::vector<deadline_ms>
        due_;  ///< by slot: when to look after that session; compact, for the sweep reads them all
    std::vector<std::uint32_t> free_slots_;
    std::size_t open_ = 0;
    std::uint64_t opened_ = 0;
    deadline_ms next_sweep_ms_ = 0;
    std::vector<session_handle> ponging_;
    std::vector<session_handle> unsent_news_;
    std::vector<session_handle> ended_;  ///< by the hub's order
    std::vector<session_handle> broken_;
    std::vector<std::uint8_t> received_;
    aligned_buffer scratch_;
};

}  // namespace parley
