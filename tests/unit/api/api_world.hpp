#pragma once

#include "server/api/api.hpp"
#include "server/store/memory_store.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The whole API in this process, over a store in memory and a hub that says yes.
namespace parley::testing {

/// Commits each op at once, as hub, sequencer and committer would in a moment; or answers what a test wants.
class willing_hubs : public hub_port {
public:
    explicit willing_hubs(memory_store& store) : store_(store), epoch_(*store.raise_epoch(1, 0)) {}

    void post_op(user_id user, std::string name, wire::op op,
                 std::function<void(const answer_http&)> answer) override;
    void end_logins(std::vector<login_id> logins) override;

    [[nodiscard]] hub_counts counts() const override { return {}; }

    /// Some were told twice: those that end here are seen in the store too.
    [[nodiscard]] bool has_ended(login_id login);

    std::deque<answer_http> next;  ///< given instead, in order, to what is not a join
    std::vector<wire::op> seen;

private:
    [[nodiscard]] answer_http commit(user_id user, const std::string& name, const wire::op& op);

    std::mutex mutex_;
    memory_store& store_;
    std::vector<login_id> ended_;
    std::uint64_t epoch_;
    std::uint64_t n_ = 0;
};

/// Counts how often it is asked who somebody is, and lets a test step in between.
struct asked_store : memory_store {
    std::atomic<int> logins_asked = 0;
    std::function<void()> before_login;  ///< what somebody else does just then

    [[nodiscard]] result<std::optional<signed_in>> find_login(const secret_hash& secret,
                                                              std::int64_t now_ms) override {
        ++logins_asked;
        return memory_store::find_login(secret, now_ms);
    }

    [[nodiscard]] result<void> add_login(const stored_login& login, const secret_hash& secret) override {
        if (before_login) before_login();
        return memory_store::add_login(login, secret);
    }
};

struct api_world {
    explicit api_world(config options = {});

    struct reply {
        int status = 0;
        std::string body;
        std::string cookie;  ///< "parley=…" of Set-Cookie
        http_headers headers;

        [[nodiscard]] std::string header(std::string_view name) const;
        [[nodiscard]] errc code() const;  ///< of the error in the body
    };

    /// Waits for the answer. `headers` are added to a Host, an Origin and a JSON Content-Type, and go before
    /// them.
    reply ask(std::string method, std::string path, std::string body = {}, http_headers headers = {});

    /// Makes an account and gives its cookie.
    std::string account(const std::string& name, const std::string& invite = {});

    /// All at once; the answers in no order.
    std::vector<reply> ask_together(const std::string& method, const std::string& path,
                                    const std::vector<std::string>& bodies);

    /// Waits for the answer to an upgrade with these headers.
    result<upgraded_login> upgrade(http_headers headers);

    std::atomic<std::int64_t> now_ms = 1'795'166'102'123;
    std::vector<std::string> lines;  ///< what was logged
    asked_store store;
    willing_hubs hubs{store};
    bool well = true;
    std::unique_ptr<api> server;

private:
    std::mutex mutex_;
};

}  // namespace parley::testing
