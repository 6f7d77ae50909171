#pragma once

#include "server/hub/hub.hpp"

#include <functional>
#include <string>
#include <vector>

/// How the rest of the process reaches the hubs. Thread-safe.
namespace parley {

class hub_port {
public:
    virtual ~hub_port() = default;

    /// Gives the op to its author's hub. Answered once, on a thread of the hubs: do little there.
    virtual void post_op(user_id user, std::string name, wire::op op,
                         std::function<void(const answer_http&)> answer) = 0;

    /// Ends the sockets of these logins.
    virtual void end_logins(std::vector<login_id> logins) = 0;

    /// The sum over all hubs, not older than a second.
    [[nodiscard]] virtual hub_counts counts() const = 0;
};

}  // namespace parley
