#pragma once

#include "server/hub/hub.hpp"
#include "tests/simulation/edges/server_process.hpp"
#include "tests/simulation/edges/sockets.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley::simulation {

/// One hub with its thread: turns like those of `hub_loop`, each late by as much as the world wants.
class hub_host {
public:
    using gather = std::function<void(const read_mark&)>;

    hub_host(const server_process::inside& in, std::size_t number, const hub_config& config, gather marks);
    ~hub_host();
    hub_host(const hub_host&) = delete;
    hub_host& operator=(const hub_host&) = delete;

    void adopt(session_handle handle, const std::shared_ptr<link>& connection, const signed_in_as& who,
               user_id owner);
    void post(const http_op& op, server_process::http_answer answer);
    void tell(hub_fact fact);
    void shut_down();
    void log_grew();

    [[nodiscard]] const hub& core() const { return core_; }

    [[nodiscard]] std::size_t size() const { return sockets_.size(); }

    [[nodiscard]] std::size_t unsent() const { return sockets_.unsent(); }

private:
    void turn_soon();
    void turn();
    void step(const hub_fact& fact);
    void carry_out();
    void ask_order();
    void append(parley::append& order);
    void follow_log();
    void flush();
    void ask_store(const query& question);
    [[nodiscard]] query_answered answer_of(const query& question);
    void set_timer();

    /// One effect more; false if the process died of it.
    [[nodiscard]] bool spend() { return !dead_ && !(dead_ = !in_.spend()); }

    template <class Action>
    void later(std::int64_t delay_ms, Action action) {
        in_.around.clock.after(delay_ms, [alive = alive_, action = std::move(action)]() mutable {
            if (*alive) action();
        });
    }

    server_process::inside in_;
    std::string label_;
    dice chance_;
    dice order_chance_;
    log_position position_;
    hub core_;
    sockets sockets_;
    gather gather_;
    hub_effects effects_;
    std::vector<close_session> closes_;
    std::vector<hub_fact> mail_;
    std::map<std::uint64_t, server_process::http_answer> calls_;
    bool turn_due_ = false;
    bool dead_ = false;
    std::optional<deadline_ms> timer_;
    std::uint64_t timer_number_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace parley::simulation
