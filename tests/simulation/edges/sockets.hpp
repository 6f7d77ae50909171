#pragma once

#include "server/hub/hub.hpp"
#include "tests/simulation/edges/link.hpp"
#include "tests/simulation/laws/witness.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace parley::simulation {

/// The sockets of one hub, as its thread keeps them: what has arrived waits for the next turn, slow and
/// silent ones are found out, and the hub is told how much is unsent.
class sockets {
public:
    using wake = std::function<void()>;

    sockets(surroundings& around, audience& all, std::size_t hub, wake turn)
        : around_(around), all_(all), hub_(hub), wake_(std::move(turn)) {}

    ~sockets();
    sockets(const sockets&) = delete;
    sockets& operator=(const sockets&) = delete;

    void adopt(session_handle handle, const std::shared_ptr<link>& connection, const session_opened& fact,
               user_id owner);

    /// What is to be told to the hub in this turn, one after the other; the bytes of a message are good until
    /// the next.
    void tell_news(const std::function<void(const hub_fact&)>& tell);

    void send(const send_messages& order);
    void close(session_handle handle, close_code code);
    void close_all(close_code code);

    /// Looks for those that are silent or don't read; once a second.
    void sweep();

    [[nodiscard]] bool has_news() const { return !news_.empty(); }

    [[nodiscard]] std::size_t size() const { return open_.size(); }

    [[nodiscard]] std::size_t unsent() const;

private:
    struct socket {
        std::shared_ptr<link> connection;
        seen_session seen;
        std::int64_t read_at_ms = 0, pinged_at_ms = 0, progress_at_ms = 0;
        std::size_t unsent = 0;
        bool told_unsent = false;
    };

    struct news {
        hub_fact fact;
        bytes message;  ///< what a message_arrived looks into
    };

    void heard(session_handle handle, const bytes& message);
    void ended(session_handle handle);
    void ponged(session_handle handle);
    void progressed(session_handle handle);
    void put(hub_fact fact, bytes message = {});
    void forget(session_handle handle);
    void cut_largest_debtors();

    surroundings& around_;
    audience& all_;
    std::size_t hub_;
    wake wake_;
    std::map<session_handle, socket> open_;
    std::vector<news> news_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace parley::simulation
