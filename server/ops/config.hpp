#pragma once

#include "server/backbone/redis/address.hpp"
#include "server/ops/client_parameters.hpp"
#include "server/ops/database_url.hpp"
#include "server/ops/public_url.hpp"
#include "shared/base/limits.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What the server is told at its start. A flag goes before an environment variable before the config file.
namespace parley {

enum class store_kind : std::uint8_t { sqlite, memory, postgres };

/// Who may make an account. `automatic`: anyone on a loopback address without PARLEY_URL, else the invited.
enum class registration_mode : std::uint8_t { automatic, open, invite, closed };

enum class log_level : std::uint8_t { debug, info, warn, error };

enum class command : std::uint8_t { serve, reset_password, disable_user, backup, migrate };

struct config {
    command what = command::serve;
    std::string user_name;              ///< of `reset_password` and `disable_user`
    std::filesystem::path backup_file;  ///< of `backup`

    std::string listen = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0: any free one
    std::optional<public_url> url;
    std::vector<std::string> proxies;  ///< addresses whose X-Forwarded-For is believed
    std::filesystem::path data = "./data";
    std::filesystem::path web;  ///< empty: the one installed with the program, or the one built beside it
    store_kind store = store_kind::sqlite;
    database_url database;                   ///< of `postgres`
    std::optional<redis::address> backbone;  ///< what orders for many servers; none: this one is alone
    std::size_t hubs = 1;
    registration_mode registration = registration_mode::automatic;
    std::uint32_t message_burst = limits::message_burst;
    std::uint32_t message_rate = 10;                                        ///< in 10 s; 0: no limit
    std::size_t sessions_per_user = limits::sessions_per_user;              ///< 0: no limit
    std::size_t connections_per_address = limits::connections_per_address;  ///< 0: no limit
    std::size_t unfinished_per_address = limits::unfinished_per_address;    ///< 0: no limit
    client_parameters client;
    log_level level = log_level::info;

    /// How long `message_burst` messages take at `message_rate`, as the limiter wants it; 0: no limit.
    [[nodiscard]] std::uint32_t message_window_ms() const {
        return message_rate == 0 || message_burst == 0 ? 0 : message_burst * 10'000u / message_rate;
    }

    [[nodiscard]] bool listens_on_loopback() const { return listen.starts_with("127.") || listen == "::1"; }
};

/// The program is to end at once: help and version were asked for, or something is wrong.
struct early_exit {
    int code = 0;      ///< 0: `text` goes to stdout, else to stderr
    std::string text;  ///< ends with a new line
};

/// Reads flags, environment and config file. A wrong value is one line that names the option, the value and
/// what is allowed, with exit code 1.
[[nodiscard]] tl::expected<config, early_exit> read_config(int argc, const char* const* argv);

}  // namespace parley
