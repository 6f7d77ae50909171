#pragma once

#include "server/api/address_rules.hpp"
#include "server/api/login_cache.hpp"
#include "server/api/sign_in_throttle.hpp"
#include "server/api/worker_pool.hpp"
#include "server/hub/hub.hpp"
#include "server/net/api_port.hpp"
#include "server/net/hub_port.hpp"
#include "server/ops/config.hpp"
#include "server/store/account_store.hpp"
#include "server/store/store.hpp"
#include "shared/base/hash.hpp"
#include "shared/base/limits.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace parley {

struct health_answer {
    bool well = true;
    std::string json;   ///< of `/health`
    std::string ready;  ///< of `/ready`
};

/// What the API is given. All of it outlives the API and may be used from any thread.
struct api_ports {
    account_store& accounts;
    room_store& rooms;
    hub_port& hubs;
    std::function<health_answer()> health;
    std::function<void(const log_line&)> log;
    std::function<instant()> now;
    hash_key store_key;  ///< which all servers of the store share
};

using signed_in = account_store::signed_in;

/// One request on its way through a handler. `respond` is called once; later calls do nothing.
struct call {
    http_request request;
    std::string address;    ///< of the person
    std::vector<ulid> ids;  ///< from the path
    signed_in who;          ///< of routes for the signed-in
    http_respond respond;
};

/// What the handlers share.
struct api_context {
    api_context(const config& options, api_ports given);
    ~api_context();
    api_context(const api_context&) = delete;
    api_context& operator=(const api_context&) = delete;

    /// Runs on a thread that may wait for the store; answers `busy` itself if too much waits.
    void read(call request, std::function<void(call)> job);

    /// Runs on a thread that may hash; answers `rate_limited` itself if too much waits.
    void hash(call request, std::function<void(call)> job);

    /// The sockets of these logins end, and nobody gets in with them.
    void end_logins(const std::vector<login_id>& logins);

    void log(std::string_view event, const call& about, user_id user, std::string message,
             bool warns = false) const;

    [[nodiscard]] std::int64_t wall_ms() const { return ports.now().wall_ms; }

    api_ports ports;
    address_rules rules;
    registration_mode registration;
    bool only_this_machine;  ///< nobody else can reach the server
    login_cache logins{limits::logins_cached};
    sign_in_throttle throttle{limits::sign_in_failures, limits::sign_in_window_ms,
                              limits::throttled_sign_ins};
    std::string set_up_code;  ///< empty: none is needed
    std::mutex set_up;        ///< one account at a time is made with the code
    worker_pool readers{limits::api_readers, limits::api_jobs_waiting};
    worker_pool hashers{limits::hashes_at_once, limits::hashes_waiting};
};

}  // namespace parley
