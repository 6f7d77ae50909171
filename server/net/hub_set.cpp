#include "server/net/hub_set.hpp"

#include <algorithm>

namespace parley {

hub_set::hub_set(const hub_config& config, std::size_t hubs, std::uint64_t seed,
                 const hub_surroundings& surroundings) {
    for (std::size_t i = 0; i < hubs; ++i) {
        hubs_.push_back(std::make_unique<hub_loop>(config, mix64(seed + i), surroundings));
    }
}

void hub_set::start() {
    for (auto& hub : hubs_)
        hub->start();
}

hub_loop& hub_set::hub_of(user_id user) {
    return *hubs_[mix64(user.value.lo) % hubs_.size()];
}

void hub_set::adopt(adopted_socket socket) {
    const auto* login = std::get_if<upgraded_login>(&socket.login);
    auto& hub = login ? hub_of(login->user) : *hubs_.front();
    hub.adopt(std::move(socket));
}

void hub_set::tell_store_state(bool accepting) {
    for (auto& hub : hubs_)
        hub->post(store_state_changed{accepting});
}

void hub_set::shut_down() {
    for (auto& hub : hubs_)
        hub->shut_down();
    stop();
}

void hub_set::stop() {
    for (auto& hub : hubs_)
        hub->stop();
}

void hub_set::post_op(user_id user, std::string name, wire::op op, op_answered answer) {
    hub_of(user).post_op(user, std::move(name), std::move(op), std::move(answer));
}

void hub_set::end_logins(std::vector<login_id> logins) {
    for (auto& hub : hubs_)
        hub->post(logins_ended{logins});
}

hub_counts hub_set::counts() const {
    hub_counts sum;
    for (const auto& hub : hubs_) {
        const auto part = hub->counts();
        sum.sockets += part.sockets;
        sum.users += part.users;
        sum.rooms += part.rooms;
        sum.provisional += part.provisional;
        sum.ops += part.ops;
        sum.stored += part.stored;
        for (const auto& [why, count] : part.refused) {
            const auto known = std::find_if(sum.refused.begin(), sum.refused.end(),
                                            [why = why](const auto& entry) { return entry.first == why; });
            if (known == sum.refused.end()) {
                sum.refused.emplace_back(why, count);
            } else {
                known->second += count;
            }
        }
    }
    std::sort(sum.refused.begin(), sum.refused.end());
    return sum;
}

}  // namespace parley
