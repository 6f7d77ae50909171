#pragma once

#include "server/backbone/local_backbone.hpp"
#include "server/hub/hub.hpp"
#include "server/store/committer.hpp"
#include "server/store/memory_store.hpp"
#include "tests/simulation/link.hpp"
#include "tests/simulation/surroundings.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace parley::simulation {

/// The server as the operating system sees it: a process that can be killed at any moment, and a store that
/// survives. Inside are the real hubs, backbone and committer; this class carries out their effects, late and
/// in turns.
class server_process {
public:
    using http_answer = std::function<void(const answer_http&)>;

    server_process(surroundings& around, std::size_t hubs);
    ~server_process();

    [[nodiscard]] bool up() const { return running_ != nullptr; }

    [[nodiscard]] memory_store& store() { return store_; }

    void start();
    void crash();

    /// A new socket of this user; false if nobody listens.
    bool accept(const std::shared_ptr<link>& connection, user_id user, const std::string& name);

    /// `answer` may never come: the process may die first.
    bool post(user_id user, const std::string& name, const wire::op& op, http_answer answer);

    /// Nothing is provisional, no turn is due, and as many sessions are open as links are.
    void require_quiet(std::size_t sessions) const;

    [[nodiscard]] std::uint64_t commits() const { return commits_; }

private:
    struct hub_host;
    struct process;

    surroundings& around_;
    std::size_t hub_count_;
    memory_store store_;
    std::unique_ptr<process> running_;
    std::uint64_t handles_ = 0;
    std::uint64_t tokens_ = 0;
    std::uint64_t commits_ = 0;
};

}  // namespace parley::simulation
