#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <chrono>
#include <filesystem>

using namespace parley::testing;

namespace {

namespace fs = std::filesystem;

const std::string ann_is = R"({"username":"ann","password":"correct horse"})";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool one_line(const std::string& text) {
    return !text.empty() && text.find('\n') == text.size() - 1;
}

std::string last_word(std::string text) {
    while (text.ends_with('\n'))
        text.pop_back();
    return text.substr(text.rfind(' ') + 1);
}

std::string person(const std::string& password) {
    return R"({"username":"ann","password":")" + password + "\"}";
}

/// Asks until it is so, for at most a second, which is what is promised.
template <class Predicate>
bool within_a_second(Predicate holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("help and version are printed and end well") {
    const auto help = run_parleyd({"--help"});
    CHECK(help.exit_code == 0);
    CHECK(has(help.out, "--port"));
    CHECK(has(help.out, "PARLEY_PORT"));
    const auto version = run_parleyd({"--version"});
    CHECK(version.exit_code == 0);
    CHECK(version.out.starts_with("parleyd "));
}

TEST_CASE("a wrong value ends the start with one line that names option, value and what is allowed") {
    const auto flag = run_parleyd({"--port", "70000"});
    CHECK(flag.exit_code == 1);
    CHECK(flag.out.empty());
    CHECK(one_line(flag.err));
    CHECK(has(flag.err, "--port: \"70000\" is not allowed; give 0 to 65535"));
    const auto variable = run_parleyd({}, {{"PARLEY_HUBS", "many"}});
    CHECK(variable.exit_code == 1);
    CHECK(one_line(variable.err));
    CHECK(has(variable.err, "--hubs: \"many\""));
    const auto unencrypted = run_parleyd({"--url", "http://chat.example.org"});
    CHECK(unencrypted.exit_code == 1);
    CHECK(has(unencrypted.err, "https://HOST"));
}

TEST_CASE("a missing data folder is made") {
    temporary_folder folder;
    server_process server;
    CHECK(fs::is_directory(server.data()));
}

TEST_CASE("a new password ends the old sessions within a second, while the server runs") {
    server_process server;
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", ann_is).status == 201);
    REQUIRE(ann.get("/api/session").status == 200);
    const auto reset = run_parleyd({"reset-password", "Ann", "--data", server.data().string()});
    REQUIRE(reset.exit_code == 0);
    CHECK(within_a_second([&] { return ann.get("/api/session").status == 401; }));
    http_client again{server.port()};
    CHECK(again.post("/api/session", ann_is).status == 401);
    CHECK(again.post("/api/session", person(last_word(reset.out))).status == 200);
}

TEST_CASE("a disabled user is out within a second and does not come back") {
    server_process server;
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", ann_is).status == 201);
    REQUIRE(ann.get("/api/session").status == 200);
    REQUIRE(run_parleyd({"disable-user", "ann", "--data", server.data().string()}).exit_code == 0);
    CHECK(within_a_second([&] { return ann.get("/api/session").status == 401; }));
    CHECK(ann.post("/api/session", ann_is).status == 401);
    server.kill();
    server.start();
    CHECK(ann.post("/api/session", ann_is).status == 401);
}

TEST_CASE("commands about users who do not exist, and data that is not there, end with one line") {
    server_process server;
    for (const auto* command : {"reset-password", "disable-user"}) {
        const auto failed = run_parleyd({command, "nobody", "--data", server.data().string()});
        CHECK(failed.exit_code == 1);
        CHECK(one_line(failed.err));
        CHECK(has(failed.err, "nobody"));
        CHECK(run_parleyd({command, "not a name", "--data", server.data().string()}).exit_code == 1);
    }
    temporary_folder folder;
    const auto nowhere = (folder.path() / "nothing").string();
    const auto failed = run_parleyd({"reset-password", "ann", "--data", nowhere});
    CHECK(failed.exit_code == 1);
    CHECK_FALSE(fs::exists(nowhere));
}

TEST_CASE("a backup that was made while the server runs serves what was stored") {
    server_process server{{"--message-rate", "0"}};
    http_client ann{server.port()};
    REQUIRE(ann.post("/api/accounts", ann_is).status == 201);
    const auto made = ann.post("/api/rooms", R"({"name":"tea room"})");
    REQUIRE(made.status == 201);
    temporary_folder folder;
    const auto copy = folder.path() / "copy.db";
    REQUIRE(run_parleyd({"backup", copy.string(), "--data", server.data().string()}).exit_code == 0);
    CHECK(fs::file_size(copy) > 0);
    CHECK(run_parleyd({"backup", copy.string(), "--data", server.data().string()}).exit_code == 1);

    REQUIRE(server.stop() == 0);
    fs::path database;
    for (const auto& entry : fs::directory_iterator{server.data()}) {
        if (entry.path().extension() == ".db" || entry.path().extension() == ".sqlite")
            database = entry.path();
    }
    fs::remove_all(server.data());
    fs::create_directories(server.data());
    fs::copy_file(copy, server.data() / database.filename());
    server.start();
    CHECK(ann.get("/api/session").status == 200);
    CHECK(has(ann.get("/api/rooms").body, "tea room"));
}

TEST_CASE("a server without a store says that nothing is kept") {
    server_process server{{"--store", "memory"}};
    CHECK(has(server.output(), "nothing is kept"));
    http_client ann{server.port()};
    CHECK(ann.post("/api/accounts", ann_is).status == 201);
}
