#include "server/store/sqlite_database.hpp"
#include "server/store/store.hpp"
#include "tests/headless/raw_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <functional>

/// A login that has ended or expired holds no socket open and opens none.
namespace parley::testing {
namespace {

constexpr auto revoked = static_cast<std::uint16_t>(close_code::revoked);
constexpr auto unauthenticated = static_cast<std::uint16_t>(close_code::unauthenticated);
constexpr std::chrono::seconds promised{1};

const std::string ann_is = R"({"username":"ann","password":"correct horse battery"})";

http_client browser_of(const native_profile& who) {
    http_client browser{who.port};
    browser.set_cookie(who.cookie);
    return browser;
}

std::string text_in(const std::string& json, const std::string& key) {
    const auto from = json.find("\"" + key + "\":\"") + key.size() + 4;
    return json.substr(from, json.find('"', from) - from);
}

void run_command(const server_process& server, const std::string& command) {
    REQUIRE(run_parleyd({command, "ann", "--data", server.data().string()}).exit_code == 0);
}

/// As if the login had been made so long ago.
void let_expire(const server_process& server, std::int64_t in_ms) {
    sqlite::database db{server.data() / "parley.db", sqlite::access::write};
    db.set_busy_timeout(std::chrono::seconds{10});
    REQUIRE(db.change("UPDATE logins SET expires_ms = ?1 WHERE expires_ms <> 0",
                      native_client::now().wall_ms + in_ms) == 1);
}

void check_turned_away(const native_profile& who) {
    raw_session again{who};
    const auto why = again.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::unauthenticated);
    CHECK(again.closed_with() == unauthenticated);
}

}  // namespace

TEST_CASE("whatever ends a login ends its sockets within a second, said hello or not, and opens none") {
    server_process server{{"--hubs", GENERATE("1", "2")}};
    const auto ann = sign_up(server.port(), "ann");
    const auto eve = sign_up(server.port(), "eve");
    raw_session greeted{ann}, silent{ann}, other{eve};
    REQUIRE(greeted.greet(ann.user));
    REQUIRE(other.greet(eve.user));

    SECTION("signing out") {
        REQUIRE(browser_of(ann).remove("/api/session").status == 204);
    }
    SECTION("signing in again at the same browser") {
        REQUIRE(browser_of(ann).post("/api/session", ann_is).status == 200);
    }
    SECTION("a new password") {
        run_command(server, "reset-password");
    }
    SECTION("disabling the account") {
        run_command(server, "disable-user");
    }
    const auto why = greeted.hear<wire::error_frame>(promised);
    REQUIRE(why);
    CHECK(why->code == errc::revoked);
    CHECK(greeted.closed_with(promised) == revoked);
    CHECK(silent.closed_with(promised) == revoked);
    check_turned_away(ann);
    CHECK(other.say(wire::ping{1}));
    CHECK(other.hear<wire::pong>());
}

TEST_CASE("a deleted token ends the sockets of its programs within a second, and no others") {
    const server_process server;
    const auto ann = sign_up(server.port(), "ann");
    raw_session page{ann};
    REQUIRE(page.greet(ann.user));
    auto browser = browser_of(ann);
    const auto made = browser.post("/api/tokens", R"({"name":"bot"})").body;
    const std::vector<std::string> as_program{"Origin:", "Authorization: Bearer " + text_in(made, "token")};
    raw_session program{server.port(), as_program};
    REQUIRE(program.greet(ann.user));

    REQUIRE(browser.remove("/api/tokens/" + text_in(made, "id")).status == 204);
    CHECK(program.closed_with(promised) == revoked);
    raw_session again{server.port(), as_program};
    CHECK(again.closed_with() == unauthenticated);
    CHECK(page.say(wire::ping{1}));
    CHECK(page.hear<wire::pong>());
}

TEST_CASE("a login that expires takes its sockets with it, and opens none") {
    const server_process server;
    const auto ann = sign_up(server.port(), "ann");
    let_expire(server, 1'500);
    raw_session greeted{ann};
    REQUIRE(greeted.greet(ann.user));
    const auto why = greeted.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::unauthenticated);
    CHECK(greeted.closed_with() == unauthenticated);
    check_turned_away(ann);
    CHECK(browser_of(ann).get("/api/session").status == 401);
}

TEST_CASE("a login that had expired before opens no socket") {
    const server_process server;
    const auto ann = sign_up(server.port(), "ann");
    let_expire(server, -1);
    check_turned_away(ann);
}

TEST_CASE("a client whose login expired asks to sign in, keeps what was written and sends it afterwards") {
    const server_process server{{"--message-rate", "0"}};
    const auto profile = sign_up(server.port(), "ann");
    let_expire(server, 1'500);
    native_client ann{profile};
    ann.show(general_room);
    REQUIRE(run_until({ann}, [&] { return ann.caught_up(general_room); }));
    REQUIRE(run_until({ann}, [&] { return ann.asked_to_sign_in() == errc::unauthenticated; }));
    ann.say(general_room, "written after it expired");
    CHECK(ann.status().outbox == 1);

    http_client browser{server.port()};
    REQUIRE(browser.post("/api/session", ann_is).status == 200);
    auto signed_in = ann.profile();
    signed_in.cookie = browser.cookie();
    native_client again{signed_in};
    again.show(general_room);
    REQUIRE(run_until({again}, [&] { return again.texts(general_room).size() == 1; }));
    CHECK(again.status().outbox == 0);
}

}  // namespace parley::testing
