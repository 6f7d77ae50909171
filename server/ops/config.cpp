#include "server/ops/config.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>

namespace parley {

namespace {

/// Takes a value into the config; false if it is not allowed.
using reader = std::function<bool(config&, const std::string&)>;

struct option_row {
    std::string_view name;       ///< --name, PARLEY_NAME and the key of the config file
    std::string_view shape;      ///< for the help
    std::string_view otherwise;  ///< the default, for the help
    std::string_view allowed;
    std::string help;
    reader read;
};

template <class Number>
reader number(Number config::*member, std::uint64_t least, std::uint64_t most) {
    return [=](config& into, const std::string& text) {
        std::uint64_t value = 0;
        const auto* end = text.data() + text.size();
        const auto [stop, wrong] = std::from_chars(text.data(), end, value);
        if (wrong != std::errc{} || stop != end || value < least || value > most) return false;
        into.*member = static_cast<Number>(value);
        return true;
    };
}

template <class Value>
reader one_of(Value config::*member, std::vector<std::pair<std::string, Value>> values) {
    return [=](config& into, const std::string& text) {
        const auto found =
            std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == text; });
        if (found == values.end()) return false;
        into.*member = found->second;
        return true;
    };
}

reader path(std::filesystem::path config::*member) {
    return [=](config& into, const std::string& text) {
        into.*member = text;
        return !text.empty();
    };
}

bool is_address(const std::string& text) {
    in6_addr any{};
    return ::inet_pton(AF_INET, text.c_str(), &any) == 1 || ::inet_pton(AF_INET6, text.c_str(), &any) == 1;
}

bool read_listen(config& into, const std::string& text) {
    into.listen = text;
    return is_address(text);
}

bool read_url(config& into, const std::string& text) {
    const auto url = parse_public_url(text);
    if (url) into.url = *url;
    return url.has_value();
}

bool read_proxies(config& into, const std::string& text) {
    into.proxies = CLI::detail::split(text, ',');
    return std::all_of(into.proxies.begin(), into.proxies.end(), is_address);
}

bool read_store(config& into, const std::string& text) {
    if (text == "sqlite" || text == "memory") {
        into.store = text == "sqlite" ? store_kind::sqlite : store_kind::memory;
        return true;
    }
    auto url = parse_database_url(text);
    if (!url) return false;
    into.store = store_kind::postgres;
    into.database = *std::move(url);
    return true;
}

bool read_backbone(config& into, const std::string& text) {
    if (text == "local") {
        into.backbone.reset();
        return true;
    }
    auto where = redis::parse_address(text);
    if (where) into.backbone = *std::move(where);
    return where.has_value();
}

bool read_client(config& into, const std::string& text) {
    return read_client_parameters(into.client, text);
}

const std::vector<option_row>& rows() {
    static const std::vector<option_row> all{
        {"listen", "ADDRESS", "127.0.0.1", "an IPv4 or IPv6 address",
         "Where to listen; 0.0.0.0 is everywhere", read_listen},
        {"port", "N", "8080", "0 to 65535", "0 takes any free one", number(&config::port, 0, 65535)},
        {"url", "URL", "", "https://HOST, or http:// with a loopback or private address; no path",
         "How people reach this server", read_url},
        {"proxy", "ADDRESS,...", "", "IP addresses, separated by commas",
         "Proxies whose X-Forwarded-For is believed; with an https --url loopback is one", read_proxies},
        {"data", "FOLDER", "./data", "a folder", "Where the database lies", path(&config::data)},
        {"web", "FOLDER", "", "a folder", "The built web shell; as installed if not given",
         path(&config::web)},
        {"store", "KIND", "sqlite",
         "sqlite, memory, or postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE",
         "memory keeps nothing over a restart; the URL of a PostgreSQL database is better given in the "
         "environment, where other users can't see its password",
         read_store},
        {"backbone", "KIND", "local",
         "local, redis://HOST, redis://:PASSWORD@HOST:PORT/DATABASE, or unix:///PATH",
         "What brings ops into one order; with a Redis many servers share one PostgreSQL database",
         read_backbone},
        {"hubs", "N", "1", "1 to 64", "Threads that serve sessions", number(&config::hubs, 1, 64)},
        {"registration", "MODE", "auto", "auto, open, invite, closed",
         "Who may make an account; auto: anyone on loopback without --url, else the invited",
         one_of<registration_mode>(&config::registration, {{"auto", registration_mode::automatic},
                                                           {"open", registration_mode::open},
                                                           {"invite", registration_mode::invite},
                                                           {"closed", registration_mode::closed}})},
        {"message-rate", "N", "10", "0 to 10000",
         "Messages that a user may send in 10 s in the long run, 0: no limit",
         number(&config::message_rate, 0, 10'000)},
        {"message-burst", "N", "10", "0 to 10000", "Messages that a user may send at once, 0: no limit",
         number(&config::message_burst, 0, 10'000)},
        {"max-sessions-per-user", "N", "20", "0 to 100000", "Open connections of one user, 0: no limit",
         number(&config::sessions_per_user, 0, 100'000)},
        {"max-connections-per-address", "N", "200", "0 to 1000000",
         "Connections from one address, 0: no limit", number(&config::connections_per_address, 0, 1'000'000)},
        {"max-unfinished-per-address", "N", "20", "0 to 1000000",
         "Connections from one address that have not said yet what they want, 0: no limit",
         number(&config::unfinished_per_address, 0, 1'000'000)},
        {"client", "NAME=N,...", "", allowed_client_parameters(),
         "How browsers keep their connection: " + allowed_client_parameters(), read_client},
        {"log-level", "LEVEL", "info", "debug, info, warn, error", "The least that is logged",
         one_of<log_level>(&config::level, {{"debug", log_level::debug},
                                            {"info", log_level::info},
                                            {"warn", log_level::warn},
                                            {"error", log_level::error}})},
    };
    return all;
}

std::string variable_of(std::string_view name) {
    std::string variable = "PARLEY_";
    for (const char c : name)
        variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return variable;
}

bool is_set(const std::string& variable) {
    const char* value = std::getenv(variable.c_str());
    return value && *value;
}

/// CLI11 reads the file before the environment and lets the first win; ours go the other way round.
struct file_below_environment : CLI::ConfigTOML {
    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
        auto lines = CLI::ConfigTOML::from_config(input);
        std::erase_if(lines, [](const auto& line) { return is_set(variable_of(line.name)); });
        return lines;
    }
};

void add_options(CLI::App& app, config& into) {
    for (const auto& row : rows()) {
        const auto variable = variable_of(row.name);
        const std::string flag = "--" + std::string{row.name};
        const auto take = [&row, &into, flag, variable](const std::string& text) {
            if (row.read(into, text)) return;
            throw CLI::ValidationError{flag, "\"" + without_secrets(text) + "\" is not allowed; give " +
                                                 std::string{row.allowed} + " (also read from " + variable +
                                                 " and the config file)"};
        };
        app.add_option_function<std::string>(flag, take, row.help)
            ->envname(variable)
            ->type_name(std::string{row.shape})
            ->default_str(std::string{row.otherwise})
            ->join(',');
    }
}

void add_config_file(CLI::App& app) {
    const char* named = std::getenv("PARLEY_CONFIG");
    app.config_formatter(std::make_shared<file_below_environment>());
    app.set_config("--config", named ? named : "", "Options as lines of name=value", is_set("PARLEY_CONFIG"))
        ->type_name("FILE (Env:PARLEY_CONFIG)");
    app.allow_config_extras(CLI::config_extras_mode::error);
}

void add_commands(CLI::App& app, config& into) {
    app.fallthrough();  // so that options may also follow the command
    auto* reset = app.add_subcommand("reset-password", "Gives a user a new password, which is printed once");
    reset->add_option("name", into.user_name, "The user")->required();
    reset->callback([&into] { into.what = command::reset_password; });
    auto* disable = app.add_subcommand("disable-user", "Signs a user out and never in again");
    disable->add_option("name", into.user_name, "The user")->required();
    disable->callback([&into] { into.what = command::disable_user; });
    auto* backup = app.add_subcommand("backup", "Writes a consistent copy of the database");
    backup->add_option("file", into.backup_file, "A file that does not exist yet")->required();
    backup->callback([&into] { into.what = command::backup; });
    auto* migrate = app.add_subcommand("migrate", "Makes or brings up to date the tables in PostgreSQL");
    migrate->callback([&into] { into.what = command::migrate; });
    app.require_subcommand(0, 1);
}

// As CLI11 puts them.
constexpr std::string_view parse_complaint = "INI was not able to parse ";
constexpr std::string_view unread_complaint = " was not readable";

std::string text_behind(std::string_view start, std::string_view text) {
    return std::string{text.starts_with(start) ? text.substr(start.size()) : text};
}

early_exit one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return {1, "parleyd: " + text + "\n"};
}

}  // namespace

tl::expected<config, early_exit> read_config(int argc, const char* const* argv) {
    config into;
    CLI::App app{"Parley: a chat for your own server", "parleyd"};
    app.get_formatter()->column_width(46);
    app.set_version_flag("--version", "parleyd " PARLEY_VERSION);
    app.footer(
        "Without a command it serves. The commands work on the data folder, also while the server runs.\n"
        "A flag goes before an environment variable, and that before the config file.");
    add_options(app, into);
    add_config_file(app);
    add_commands(app, into);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return tl::unexpected(early_exit{0, app.help()});
    } catch (const CLI::CallForVersion& version) {
        return tl::unexpected(early_exit{0, std::string{version.what()} + "\n"});
    } catch (const CLI::ConfigError& wrong) {
        const auto line = without_secrets(text_behind(parse_complaint, wrong.what()));
        return tl::unexpected(one_line("--config: \"" + line +
                                       "\" is no option; give lines of name=value, named as in --help"));
    } catch (const CLI::FileError& wrong) {
        const std::string said = wrong.what();
        return tl::unexpected(one_line("--config: \"" + said.substr(0, said.find(unread_complaint)) +
                                       "\" can't be read; give a file of lines of name=value (also read from "
                                       "PARLEY_CONFIG)"));
    } catch (const CLI::ValidationError& wrong) {  // ours, with the value that is not allowed made safe
        return tl::unexpected(one_line(wrong.what()));
    } catch (const CLI::ParseError& wrong) {
        return tl::unexpected(one_line(without_secrets(wrong.what())));
    }
    return into;
}

}  // namespace parley
