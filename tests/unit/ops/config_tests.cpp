#include "server/ops/config.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/server_process.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace parley;

namespace {

auto read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "parleyd");
    std::vector<const char*> words;
    for (const auto& argument : arguments)
        words.push_back(argument.c_str());
    return read_config(static_cast<int>(words.size()), words.data());
}

/// What went wrong, of arguments that are wrong.
std::string complaint(std::vector<std::string> arguments) {
    const auto read_ = read(std::move(arguments));
    REQUIRE_FALSE(read_);
    CHECK(read_.error().code == 1);
    return read_.error().text;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A variable of the environment for the length of a test.
struct variable {
    std::string name;

    variable(std::string name_, const std::string& value) : name(std::move(name_)) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }

    ~variable() { ::unsetenv(name.c_str()); }
};

struct config_file {
    testing::temporary_folder folder;
    std::string path = (folder.path() / "parley.conf").string();

    explicit config_file(const std::string& text) { std::ofstream{path} << text; }
};

}  // namespace

TEST_CASE("without options the server listens on loopback only, with SQLite") {
    const auto got = read({});
    REQUIRE(got);
    CHECK(got->what == command::serve);
    CHECK(got->listen == "127.0.0.1");
    CHECK(got->listens_on_loopback());
    CHECK(got->port == 8080);
    CHECK_FALSE(got->url);
    CHECK(got->data == "./data");
    CHECK(got->store == store_kind::sqlite);
    CHECK(got->hubs == 1);
    CHECK(got->registration == registration_mode::automatic);
    CHECK(got->message_burst == 10);
    CHECK(got->message_window_ms() == 10'000);
}

TEST_CASE("a flag goes before the environment, and that before the config file") {
    const config_file file{"port=1000\nhubs=3\n"};
    CHECK(read({"--config", file.path})->port == 1000);
    const variable port{"PARLEY_PORT", "2000"};
    CHECK(read({"--config", file.path})->port == 2000);
    CHECK(read({"--config", file.path})->hubs == 3);
    CHECK(read({"--config", file.path, "--port", "3000"})->port == 3000);
}

TEST_CASE("the config file may be named by the environment") {
    const config_file file{"port = 1000\nproxy = [\"10.0.0.1\", \"10.0.0.2\"]\n"};
    const variable named{"PARLEY_CONFIG", file.path};
    const auto got = read({});
    REQUIRE(got);
    CHECK(got->port == 1000);
    CHECK(got->proxies == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
}

TEST_CASE("what browsers are told is what is given, and nothing else") {
    CHECK(read({})->client.to_json() == "{}");
    CHECK(read({"--client", "ping_misses=2,attempts=4", "--client", "backoff_min_ms=20"})->client.to_json() ==
          R"({"attempts":4,"backoff_min_ms":20,"ping_misses":2})");
    const variable client{"PARLEY_CLIENT", "worker_silence_ms=2000"};
    CHECK(read({})->client.to_json() == R"({"worker_silence_ms":2000})");
    const config_file file{"client = [\"attempts=5\", \"ping_misses=1\"]\n"};
    ::unsetenv("PARLEY_CLIENT");
    CHECK(read({"--config", file.path})->client.to_json() == R"({"attempts":5,"ping_misses":1})");
}

TEST_CASE("an empty variable counts as none") {
    const variable port{"PARLEY_PORT", ""};
    CHECK(read({})->port == 8080);
}

TEST_CASE("a wrong value names the option, the value and what is allowed, in one line") {
    const auto [option, value, allowed] = GENERATE(table<std::string, std::string, std::string>(
        {{"--port", "70000", "0 to 65535"},
         {"--port", "-1", "0 to 65535"},
         {"--port", "80x", "0 to 65535"},
         {"--hubs", "0", "1 to 64"},
         {"--hubs", "65", "1 to 64"},
         {"--store", "postgres", "sqlite, memory, or postgres://"},
         {"--listen", "everywhere", "an IPv4 or IPv6 address"},
         {"--url", "http://chat.example.org", "https://HOST"},
         {"--url", "ftp://chat.example.org", "https://HOST"},
         {"--proxy", "10.0.0.1,proxy", "IP addresses"},
         {"--registration", "maybe", "auto, open, invite, closed"},
         {"--message-rate", "many", "0 to 10000"},
         {"--log-level", "loud", "debug, info, warn, error"},
         {"--client", "ping_interval_ms=1", "ping_interval_ms=100..600000"},
         {"--client", "ping_interval_ms=2000x", "ping_interval_ms=100..600000"},
         {"--client", "ping_interval_ms", "ping_interval_ms=100..600000"},
         {"--client", "attempts=3,pings=2", "attempts=1..1000"},
         {"--max-sessions-per-user", "-5", "0 to 100000"},
         {"--max-connections-per-address", "1e9", "0 to 1000000"}}));
    const auto said = complaint({option + "=" + value});
    CHECK(has(said, option));
    CHECK(has(said, "\"" + value + "\""));
    CHECK(has(said, allowed));
    CHECK(said.find('\n') == said.size() - 1);
}

TEST_CASE("the store may be a database, which is told in the words of its client library") {
    const auto got =
        read({"--store", "postgres://ann:p%40ss%20word@db.example.org:5433/chat?sslmode=verify-full"});
    REQUIRE(got);
    CHECK(got->store == store_kind::postgres);
    CHECK(got->database.target ==
          std::vector<std::pair<std::string, std::string>>{{"host", "db.example.org"},
                                                           {"port", "5433"},
                                                           {"user", "ann"},
                                                           {"password", "p@ss word"},
                                                           {"dbname", "chat"},
                                                           {"sslmode", "verify-full"}});
    CHECK(got->database.name == "database \"chat\" at db.example.org:5433");
    const variable store{"PARLEY_STORE", "postgresql://ann@[::1]/chat"};
    CHECK(read({})->database.name == "database \"chat\" at [::1]");
    CHECK(read({})->database.target.front().second == "::1");
    CHECK(read({"--store", "postgres://ann@/chat?host=/run/postgresql"})->database.name ==
          "database \"chat\"");
}

TEST_CASE("a URL of a database that is wrong is refused in one line without the password") {
    const auto* url = GENERATE("postgres://", "postgres://ann:sesame", "postgres://ann:sesame@db",
                               "postgres://ann:sesame@db/", "postgres://ann:sesame@db/a/b",
                               "postgres://ann:sesame@db:0/chat", "postgres://ann:sesame@db:99999/chat",
                               "postgres://:sesame@db/chat", "postgres://ann:sesame@db/chat?sslmode=maybe",
                               "postgres://ann:sesame@db/chat?options=-c", "postgres://ann:sesame@/chat",
                               "postgres://ann:sesame%00@db/chat", "postgres://ann:ses ame@db/chat",
                               "postgres://ann:sesame@db/chat#x");
    for (const auto& said : {complaint({"--store", url}), complaint({std::string{"--store="} + url})}) {
        CHECK(has(said, "--store: \"postgres://…\" is not allowed; give sqlite, memory, or postgres://USER"));
        CHECK_FALSE(has(said, "ses"));
        CHECK(said.find('\n') == said.size() - 1);
    }
}

TEST_CASE("no password is told by a config file that can't be read, nor by the help") {
    const config_file file{"store postgres://ann:sesame@db/chat\n"};
    CHECK_FALSE(has(complaint({"--config", file.path}), "sesame"));
    const variable store{"PARLEY_STORE", "postgres://ann:sesame@db/chat"};
    const auto help = read({"--help"});
    REQUIRE_FALSE(help);
    CHECK_FALSE(has(help.error().text, "sesame"));
}

TEST_CASE("a wrong value of the environment is named like a flag's") {
    const variable port{"PARLEY_PORT", "abc"};
    const auto said = complaint({});
    CHECK(has(said, "--port"));
    CHECK(has(said, "\"abc\""));
    CHECK(has(said, "PARLEY_PORT"));
}

TEST_CASE("an option that does not exist is refused, also in the config file") {
    CHECK(has(complaint({"--prot", "1"}), "--prot"));
    const config_file file{"prot=1\n"};
    CHECK(
        has(complaint({"--config", file.path}), "--config: \"prot\" is no option; give lines of name=value"));
    const config_file prose{"this is no option\n"};
    CHECK(has(complaint({"--config", prose.path}), "--config: \"this is no option\""));
}

TEST_CASE("a config file that can't be read is named like a wrong value") {
    for (const auto* path : {"/nowhere/parley.conf", "/"}) {
        const auto said = complaint({"--config", path});
        CHECK(has(said, "--config: \"" + std::string{path} + "\" can't be read; give a file"));
        CHECK(said.find('\n') == said.size() - 1);
    }
    const variable named{"PARLEY_CONFIG", "/nowhere/parley.conf"};
    CHECK(has(complaint({}), "\"/nowhere/parley.conf\""));
}

TEST_CASE("a wrong value in the config file is named like a flag's") {
    const config_file file{"hubs=many\n"};
    CHECK(has(complaint({"--config", file.path}), "--hubs: \"many\" is not allowed; give 1 to 64"));
}

TEST_CASE("the help lists every option with its variable and its default") {
    const auto help = read({"--help"});
    REQUIRE_FALSE(help);
    CHECK(help.error().code == 0);
    for (const std::string name :
         {"listen", "port", "url", "proxy", "data", "web", "store", "hubs", "registration", "message-rate",
          "message-burst", "max-sessions-per-user", "max-connections-per-address",
          "max-unfinished-per-address", "client", "log-level", "config"}) {
        INFO(name);
        CHECK(has(help.error().text, "--" + name));
        std::string upper = "PARLEY_" + name;
        for (char& c : upper)
            c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
        CHECK(has(help.error().text, "Env:" + upper));
    }
    CHECK(has(help.error().text, "8080"));
    CHECK(has(help.error().text, "reset-password"));
}

TEST_CASE("the version is said") {
    const auto version = read({"--version"});
    REQUIRE_FALSE(version);
    CHECK(version.error().code == 0);
    CHECK(version.error().text.starts_with("parleyd "));
}

TEST_CASE("a command takes its argument, and options on either side") {
    const auto reset = read({"--data", "/a", "reset-password", "ann"});
    REQUIRE(reset);
    CHECK(reset->what == command::reset_password);
    CHECK(reset->user_name == "ann");
    CHECK(reset->data == "/a");
    const auto backup = read({"backup", "/b/copy.db", "--data", "/a"});
    REQUIRE(backup);
    CHECK(backup->what == command::backup);
    CHECK(backup->backup_file == "/b/copy.db");
    CHECK(backup->data == "/a");
    CHECK(read({"disable-user", "bob"})->what == command::disable_user);
    CHECK(has(complaint({"reset-password"}), "name"));
}

TEST_CASE("the message rate becomes a window, 0 none") {
    CHECK(read({"--message-rate", "20"})->message_window_ms() == 5'000);
    CHECK(read({"--message-rate", "0"})->message_window_ms() == 0);
    CHECK(read({"--message-burst", "0"})->message_window_ms() == 0);
    CHECK(read({"--message-rate", "5", "--message-burst", "10"})->message_window_ms() == 20'000);
}
