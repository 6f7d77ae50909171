#pragma once

#include "server/net/hub_loop.hpp"
#include "server/net/hub_port.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace parley {

/// The hubs of one process. All sockets and ops of a user go to one of them, so limits and counts have one
/// place.
class hub_set final : public hub_port {
public:
    hub_set(const hub_config& config, std::size_t hubs, std::uint64_t seed,
            const hub_surroundings& surroundings);

    void start();
    void adopt(adopted_socket socket);
    void tell_store_state(bool accepting);
    /// Every session is told; returns when all threads have ended.
    void shut_down();
    /// The same without a word to anybody, unless `shut_down` came first.
    void stop();

    void post_op(user_id user, std::string name, wire::op op, op_answered answer) override;
    void end_logins(std::vector<login_id> logins) override;
    [[nodiscard]] hub_counts counts() const override;

private:
    [[nodiscard]] hub_loop& hub_of(user_id user);

    std::vector<std::unique_ptr<hub_loop>> hubs_;
};

}  // namespace parley
