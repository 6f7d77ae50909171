#include "server/store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counted_talk.hpp"
#include "tests/support/postgres_server.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

/// A whole server that keeps everything in PostgreSQL.
using namespace parley;
using namespace parley::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto half_open_at_last = 60s;  // the store is left alone for 30 s

environment stored_in(const postgres_database& database) {
    return {{"PARLEY_STORE", database.url()}};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// What a start that fails says, in one line without the password.
std::string complaint_of(const environment& variables) {
    const auto ended = run_parleyd({}, variables);
    CHECK(ended.exit_code == 1);
    CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
    CHECK_FALSE(has(ended.err, "sesame"));
    return ended.err;
}

http_reply health_of(const server_process& server) {
    return http_client{server.port()}.get("/health");
}

}  // namespace

TEST_CASE("a server on PostgreSQL finds everything after it was killed") {
    postgres_database database;
    server_process server{{"--message-rate", "0"}, stored_in(database)};
    native_client ann{sign_up(server.port(), "ann")}, bob{sign_up(server.port(), "bob")};
    const auto until = [&](const std::function<bool()>& holds) { return run_until({ann, bob}, holds); };
    ann.show(general_room);
    bob.show(general_room);
    const auto tea = ann.create("tea");
    for (int i = 0; i < 300; ++i) {
        ann.say(general_room, std::to_string(i));
        if (i % 100 == 0) REQUIRE(until([&] { return ann.status().outbox < 20; }));
    }
    REQUIRE(until([&] { return ann.status().outbox == 0 && bob.texts(general_room).size() == 300; }));
    server.kill();
    server.start();

    bob.reload();
    bob.show(general_room);
    ann.say(tea, "still here");
    REQUIRE(until([&] {
        return bob.holds_all(general_room) && bob.texts(general_room).size() == 300 && ann.joined(tea) &&
               ann.status().outbox == 0;
    }));
    CHECK(bob.texts(general_room).back() == "299");
    http_client again{server.port()};
    again.set_cookie(bob.profile().cookie);
    CHECK(again.get("/api/session").status == 200);
    CHECK(has(again.get("/api/rooms").body, "\"tea\""));
    CHECK(database.ask("SELECT count(*) FROM messages") == "301");
    CHECK(server.stop() == 0);
    CHECK_FALSE(has(server.output(), "sesame"));
    CHECK_FALSE(std::filesystem::exists(server.data()));
}

TEST_CASE("crashes of PostgreSQL and of the server lose, repeat and turn around nothing") {
    postgres_server postgres;
    postgres_database database{postgres};
    server_process server{{"--message-rate", "0"}, stored_in(database)};
    counted_talk talk{server, 20261129};
    for (int round = 1; round <= 4; ++round) {
        const auto enough = talk.said() + 60;
        REQUIRE(talk.on_until([&] { return talk.said() >= enough; }));
        postgres.crash();
        if (round % 2 == 0) server.kill();
        talk.all_say_some();
        postgres.start();
        if (round % 2 == 0) server.start();
    }
    REQUIRE(talk.settle());
    CHECK(talk.complaint().empty());
    CHECK(talk.sum().whole());
    CHECK(talk.screens_agree());
}

TEST_CASE("while PostgreSQL is away what is new is refused, health says why, and all goes on by itself") {
    postgres_server postgres;
    postgres_database database{postgres};
    server_process server{{"--message-rate", "0"}, stored_in(database)};
    counted_talk talk{server, 20261130};
    REQUIRE(talk.on_until([&] { return talk.said() >= 50; }));
    postgres.stop();
    REQUIRE(talk.on_until([&] { return has(server.output(), "refusing ops: PostgreSQL: "); }));
    const auto health = health_of(server);
    CHECK(health.status == 503);
    CHECK(has(health.body, "Connection refused"));
    http_client late{server.port()};
    late.set_cookie(talk.person(0).profile().cookie);
    const auto reply = late.post("/api/rooms/" + to_text(general_room) + "/messages", R"({"text":"late"})");
    CHECK(reply.status == 503);
    CHECK(has(reply.body, R"("busy")"));
    postgres.start();

    REQUIRE(talk.on_until([&] { return health_of(server).status == 200; }, half_open_at_last));
    REQUIRE(talk.settle());
    CHECK(talk.complaint().empty());
    CHECK(talk.sum().whole());
    CHECK(talk.screens_agree());
}

TEST_CASE("commands reach users who are kept in PostgreSQL, also while the server runs") {
    postgres_database database;
    const auto variables = stored_in(database);
    CHECK(has(run_parleyd({"migrate"}, variables).out, "up to date now"));
    CHECK(has(run_parleyd({"migrate"}, variables).out, "up to date already"));
    server_process server{{}, variables};
    auto ann = sign_up(server.port(), "ann");
    http_client browser{server.port()};
    browser.set_cookie(ann.cookie);
    REQUIRE(browser.get("/api/session").status == 200);

    const auto reset = run_parleyd({"reset-password", "ann"}, variables);
    CHECK(reset.exit_code == 0);
    CHECK(has(reset.out, "The new password of ann is: "));
    REQUIRE(run_until({}, [&] { return browser.get("/api/session").status == 401; }));
    CHECK(run_parleyd({"disable-user", "ann"}, variables).exit_code == 0);
    const auto nobody = run_parleyd({"disable-user", "bob"}, variables);
    CHECK(nobody.exit_code == 1);
    CHECK(has(nobody.err, "there is no user named bob"));
    CHECK(has(run_parleyd({"backup", "copy.db"}, variables).err, "pg_dump"));
    CHECK(has(run_parleyd({"migrate"}).err, "--store"));
}

TEST_CASE("PostgreSQL is reached by TLS and by its socket as the URL says") {
    postgres_server postgres;
    const auto starts = [](const std::string& url) {
        return run_parleyd({"migrate"}, {{"PARLEY_STORE", url}}).exit_code == 0;
    };
    postgres_database database{postgres};
    const auto url = database.url();
    CHECK(has(complaint_of({{"PARLEY_STORE", url + "?sslmode=require"}}), "SSL was required"));
    const auto certificate = postgres.make_certificate();
    postgres.stop();
    postgres.start();
    CHECK(starts(url + "?sslmode=require"));
    CHECK(starts(url + "?sslmode=verify-full&sslrootcert=" + certificate.string()));
    auto by_name = url;
    by_name.replace(by_name.find("127.0.0.1"), 9, "localhost");
    CHECK(has(complaint_of(
                  {{"PARLEY_STORE", by_name + "?sslmode=verify-full&sslrootcert=" + certificate.string()}}),
              "certificate"));
    const auto end_of_user = url.find("@127.0.0.1");
    CHECK(starts(url.substr(0, end_of_user) + "@:" + std::to_string(postgres.port()) + "/" + database.name() +
                 "?host=" + postgres.folder().string()));
}

TEST_CASE("a start on a PostgreSQL that can't be used ends with one line that says why") {
    postgres_database database;
    auto url = database.url();
    SECTION("another password") {
        url.replace(url.find("sesame"), 6, "sesam0");
        CHECK(has(complaint_of({{"PARLEY_STORE", url}}), "password authentication failed"));
    }
    SECTION("nobody there") {
        CHECK(has(complaint_of({{"PARLEY_STORE", "postgres://ann:sesame@127.0.0.1:1/chat"}}),
                  "can't be reached"));
    }
    SECTION("another program's tables") {
        database.run("CREATE TABLE things (name text)");
        CHECK(has(complaint_of(stored_in(database)), "holds tables of another program"));
    }
    SECTION("no client library") {
        temporary_folder folder;
        std::ofstream{folder.path() / "libpq.so.5"} << "no library";
        auto variables = stored_in(database);
        variables["LD_LIBRARY_PATH"] = folder.path().string();
        CHECK(has(complaint_of(variables), "install it (Debian: libpq5)"));
    }
}
