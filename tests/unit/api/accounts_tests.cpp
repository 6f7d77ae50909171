#include "tests/support/catch.hpp"
#include "tests/unit/api/api_world.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <thread>

using namespace parley;
using testing::api_world;

namespace {

std::string person(const std::string& name, const std::string& password = "correct horse") {
    return R"({"username":")" + name + R"(","password":")" + password + "\"}";
}

http_headers with(const std::string& cookie) {
    return {{"Cookie", cookie}};
}

config invited_only() {
    config options;
    options.registration = registration_mode::invite;
    return options;
}

/// The secret of the link that the owner makes.
std::string invitation(api_world& world, const std::string& owner) {
    const auto made = world.ask("POST", "/api/invites", "", with(owner));
    REQUIRE(made.status == 201);
    const std::string url{boost::json::parse(made.body).at("url").as_string()};
    const std::string start = "http://127.0.0.1:8080/#invite=";
    REQUIRE(url.starts_with(start));
    return url.substr(start.size());
}

}  // namespace

TEST_CASE("a new account is signed in and stands in the general room") {
    api_world world;
    const auto made = world.ask("POST", "/api/accounts", person("Ann"));
    CHECK(made.status == 201);
    const auto user = *world.store.find_user("ann");
    REQUIRE(user);
    CHECK(user->role == user_role::owner);
    CHECK(made.body == R"({"user":{"id":")" + to_text(user->id) + R"(","username":"ann"}})");
    CHECK(made.header("Set-Cookie").find("; Path=/; HttpOnly; SameSite=Strict; Max-Age=") !=
          std::string::npos);
    CHECK(made.header("Set-Cookie").find("Secure") == std::string::npos);
    CHECK(made.header("Cache-Control") == "no-store");
    CHECK(world.ask("GET", "/api/session", "", with(made.cookie)).body == made.body);
    CHECK(world.store.rooms_of(user->id)->at(0).id == general_room);
}

TEST_CASE("behind TLS the cookie is bound to the host and to https") {
    config options;
    options.url = public_url{true, "chat.example.org", 443};
    options.registration = registration_mode::open;
    api_world world{options};
    const auto code = world.server->set_up_code();
    REQUIRE(code);
    const auto made = world.ask("POST", "/api/accounts",
                                R"({"username":"ann","password":"correct horse","invite":")" + *code + "\"}",
                                {{"Host", "chat.example.org"}, {"Origin", "https://chat.example.org"}});
    CHECK(made.status == 201);
    CHECK(made.cookie.starts_with("__Host-parley="));
    CHECK(made.header("Set-Cookie").find("; Secure") != std::string::npos);
}

TEST_CASE("names that differ only in case are one name, and look-alikes are no names") {
    api_world world;
    CHECK(world.ask("POST", "/api/accounts", person("ann")).status == 201);
    const auto twin = world.ask("POST", "/api/accounts", person("ANN"));
    CHECK(twin.status == 409);
    CHECK(twin.code() == errc::name_taken);
    for (const auto* name : {"\xd0\xb0nn", "a", "a b", "ann\\u0000", "", "\xef\xbd\x81nn", "an\xe2\x80\x8bn",
                             "\xe2\x84\xaaim", "a\xcc\x81nn", "ann\\n", " ann", "ann/", "\xc4\xb1nga"}) {
        const auto refused = world.ask("POST", "/api/accounts", person(name));
        CHECK(refused.status == 400);
        CHECK((refused.code() == errc::bad_name || refused.code() == errc::bad_text));
    }
    CHECK(*world.store.count_users() == 1);
}

TEST_CASE("passwords of 7 and of 10,000 characters and common ones are refused") {
    api_world world;
    for (const auto& password : {std::string(7, 'x'), std::string(10'000, 'x'), std::string{"password"}}) {
        const auto refused = world.ask("POST", "/api/accounts", person("ann", password));
        CHECK(refused.status == 400);
        CHECK(refused.code() == errc::weak_password);
    }
    CHECK(*world.store.count_users() == 0);
}

TEST_CASE("signing in says who it is, and rotates the session") {
    api_world world;
    const auto first = world.account("ann");
    const auto login = world.upgrade(with(first))->login;
    const auto again = world.ask("POST", "/api/session", person("Ann"), with(first));
    CHECK(again.status == 200);
    CHECK(again.body == world.ask("GET", "/api/session", "", with(again.cookie)).body);
    CHECK(again.cookie != first);
    CHECK(world.ask("GET", "/api/session", "", with(first)).status == 401);
    CHECK(world.hubs.has_ended(login));
}

TEST_CASE("a wrong password, an unknown user and a password too long to be one get the same answer") {
    api_world world;
    world.account("ann");
    const auto wrong = world.ask("POST", "/api/session", person("ann", "wrong horse"));
    CHECK(wrong.status == 401);
    CHECK(wrong.code() == errc::bad_credentials);
    for (const auto& body :
         {person("nobody"), person("not a name!"), person("ann", std::string(10'000, 'x'))}) {
        const auto other = world.ask("POST", "/api/session", body);
        CHECK(other.status == wrong.status);
        CHECK(other.body == wrong.body);
    }
}

TEST_CASE("the sixth try after five failures is refused before it is tried, and a window later it is not") {
    api_world world;
    world.account("ann");
    for (int i = 0; i < 5; ++i)
        CHECK(world.ask("POST", "/api/session", person("ann", "wrong horse")).status == 401);
    const auto refused = world.ask("POST", "/api/session", person("ANN"));
    CHECK(refused.status == 429);
    CHECK(refused.code() == errc::rate_limited);
    CHECK(refused.header("Retry-After") == "900");
    world.now_ms += limits::sign_in_window_ms;
    CHECK(world.ask("POST", "/api/session", person("ann")).status == 200);
}

TEST_CASE("names that no account can have are remembered as one, however many and long they are") {
    api_world world;
    for (char c = 'a'; c <= 'e'; ++c)
        CHECK(world.ask("POST", "/api/session", person(std::string(50'000, c))).code() ==
              errc::bad_credentials);
    CHECK(world.ask("POST", "/api/session", person("yet another?")).code() == errc::rate_limited);
    CHECK(world.ask("POST", "/api/session", person("ann")).code() == errc::bad_credentials);
}

TEST_CASE("signing out ends the session and its sockets, and clears the cookie") {
    api_world world;
    const auto cookie = world.account("ann");
    const auto login = world.upgrade(with(cookie))->login;
    const auto out = world.ask("DELETE", "/api/session", "", {{"Cookie", cookie}, {"Content-Type", ""}});
    CHECK(out.status == 204);
    CHECK(out.body.empty());
    CHECK(out.cookie == "parley=");
    CHECK(world.hubs.has_ended(login));
    CHECK(world.ask("GET", "/api/session", "", with(cookie)).code() == errc::unauthenticated);
    CHECK(world.upgrade(with(cookie)).error().code == errc::unauthenticated);
}

TEST_CASE("a session that is wrong, expired or of a disabled user is nobody's") {
    api_world world;
    const auto cookie = world.account("ann");
    for (const auto& wrong :
         {std::string{}, std::string{"parley=x"}, "parley=" + std::string(43, 'x'), cookie + "x"})
        CHECK(world.ask("GET", "/api/session", "", with(wrong)).status == 401);

    world.now_ms += limits::cookie_login_ms;
    CHECK(world.ask("GET", "/api/session", "", with(cookie)).status == 401);

    const auto fresh = world.ask("POST", "/api/session", person("ann")).cookie;
    static_cast<void>(world.store.disable_user((*world.store.find_user("ann"))->id));
    CHECK(world.ask("POST", "/api/session", person("ann")).code() == errc::bad_credentials);
}

TEST_CASE("logins that another process ends are noticed") {
    api_world world;
    const auto cookie = world.account("ann");
    const auto login = world.upgrade(with(cookie))->login;
    static_cast<void>(world.store.set_password((*world.store.find_user("ann"))->id, "another"));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!world.hubs.has_ended(login) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    REQUIRE(world.hubs.has_ended(login));
    CHECK(world.ask("GET", "/api/session", "", with(cookie)).status == 401);
}

TEST_CASE("a password that is changed while it is checked lets nobody in") {
    api_world world;
    world.account("ann");
    const auto ann = **world.store.find_user("ann");
    world.store.before_login = [&] { static_cast<void>(world.store.set_password(ann.id, "another")); };
    const auto late = world.ask("POST", "/api/session", person("ann"));
    CHECK(late.status == 401);
    CHECK(late.cookie.empty());
}

TEST_CASE("an upgrade of a login that was seen lately asks no database") {
    api_world world;
    const auto cookie = world.account("ann");
    CHECK(world.upgrade(with(cookie))->name == "ann");
    const int asked = world.store.logins_asked;
    for (int i = 0; i < 100; ++i)
        CHECK(world.upgrade(with(cookie))->name == "ann");
    CHECK(world.store.logins_asked == asked);
}

TEST_CASE("when too many sign in at once the rest are told to come back") {
    api_world world;
    std::vector<std::string> everybody;
    for (int i = 0; i < 100; ++i)
        everybody.push_back(person("user" + std::to_string(i)));
    std::size_t tried = 0, refused = 0;
    for (const auto& reply : world.ask_together("POST", "/api/session", everybody)) {
        tried += reply.status == 401;
        refused += reply.status == 429 && !reply.header("Retry-After").empty();
    }
    CHECK(tried + refused == everybody.size());
    CHECK(tried >= limits::hashes_waiting);
    CHECK(refused > 0);
}

TEST_CASE("elsewhere than on this machine the owner types the code that was printed") {
    api_world world{invited_only()};
    const auto code = world.server->set_up_code();
    REQUIRE(code);
    CHECK(world.ask("POST", "/api/accounts", person("ann")).code() == errc::registration_closed);
    CHECK(world.account("ann", "WRONG-WRONG-WRONG-WRONG").empty());
    const auto owner = world.account("ann", *code);
    CHECK_FALSE(owner.empty());
    CHECK((*world.store.find_user("ann"))->role == user_role::owner);
    CHECK(world.account("eve", *code).empty());
    CHECK(*world.store.count_users() == 1);
}

TEST_CASE("an invitation is good for one account and seven days") {
    api_world world{invited_only()};
    const auto owner = world.account("ann", *world.server->set_up_code());
    CHECK(world.ask("POST", "/api/accounts", person("bob")).code() == errc::registration_closed);

    const auto first = invitation(world, owner);
    CHECK_FALSE(world.account("bob", first).empty());
    CHECK(world.account("eve", first).empty());

    const auto second = invitation(world, owner);
    world.now_ms += limits::invite_ms;
    CHECK(world.account("eve", second).empty());
    CHECK((*world.store.find_user("bob"))->role == user_role::member);
}

TEST_CASE("invitations are listed without their secret, and withdrawn, by owner and admins only") {
    api_world world{invited_only()};
    const auto owner = world.account("ann", *world.server->set_up_code());
    const auto member = world.account("bob", invitation(world, owner));
    CHECK(world.ask("POST", "/api/invites", "", with(member)).code() == errc::forbidden);
    CHECK(world.ask("GET", "/api/invites", "", with(member)).status == 403);

    const auto secret = invitation(world, owner);
    const auto list = world.ask("GET", "/api/invites", "", with(owner));
    CHECK(list.body.find(secret) == std::string::npos);
    const auto body = boost::json::parse(list.body);
    const auto& invites = body.at("invites").as_array();
    REQUIRE(invites.size() == 1);
    const std::string path = "/api/invites/" + std::string{invites[0].at("id").as_string()};
    CHECK(world.ask("DELETE", path, "", with(member)).status == 403);
    CHECK(world.ask("DELETE", path, "", with(owner)).status == 204);
    CHECK(world.ask("DELETE", path, "", with(owner)).status == 404);
    CHECK(world.account("eve", secret).empty());
}

TEST_CASE("five wrong invitations from an address are enough for a while") {
    api_world world{invited_only()};
    world.account("ann", *world.server->set_up_code());
    const auto apply = [&] {
        return world.ask(
            "POST", "/api/accounts",
            R"({"username":"eve","password":"correct horse","invite":")" + std::string(43, 'x') + "\"}");
    };
    for (int i = 0; i < 5; ++i)
        CHECK(apply().code() == errc::bad_invite);
    CHECK(apply().status == 429);
}

TEST_CASE("a token signs a program in without a cookie or an origin, until it is deleted") {
    api_world world;
    const auto cookie = world.account("ann");
    const auto made = world.ask("POST", "/api/tokens", R"({"name":"my bot"})", with(cookie));
    CHECK(made.status == 201);
    const auto body = boost::json::parse(made.body);
    const http_headers as_program{{"Authorization", "Bearer " + std::string{body.at("token").as_string()}},
                                  {"Origin", ""}};
    CHECK(world.ask("GET", "/api/session", "", as_program).status == 200);
    CHECK(world.ask("POST", "/api/rooms", R"({"name":"r"})", as_program).status == 201);
    CHECK(world.upgrade(as_program)->name == "ann");

    const auto list = world.ask("GET", "/api/tokens", "", with(cookie));
    CHECK(list.body.find("my bot") != std::string::npos);
    CHECK(list.body.find(body.at("token").as_string().c_str()) == std::string::npos);

    const std::string path = "/api/tokens/" + std::string{body.at("id").as_string()};
    const auto other = world.account("bob");
    CHECK(world.ask("DELETE", path, "", with(other)).status == 404);
    CHECK(world.ask("DELETE", path, "", with(cookie)).status == 204);
    CHECK(world.ask("DELETE", path, "", with(cookie)).status == 404);
    CHECK(world.ask("GET", "/api/session", "", as_program).status == 401);
}

TEST_CASE("a cookie's secret is no token, and a token is no cookie") {
    api_world world;
    const auto cookie = world.account("ann");
    const auto made = world.ask("POST", "/api/tokens", R"({"name":"bot"})", with(cookie));
    const std::string token{boost::json::parse(made.body).at("token").as_string()};
    CHECK(world.ask("GET", "/api/session", "", {{"Authorization", "Bearer " + cookie.substr(7)}}).status ==
          401);
    CHECK(world.ask("GET", "/api/session", "", with("parley=" + token)).status == 401);
}

TEST_CASE("a token's name has 1 to 64 characters") {
    api_world world;
    const auto cookie = world.account("ann");
    for (const auto& name : {std::string{}, std::string(65, 'x')})
        CHECK(world.ask("POST", "/api/tokens", R"({"name":")" + name + "\"}", with(cookie)).code() ==
              errc::bad_name);
    CHECK(world.ask("POST", "/api/tokens", "{}", with(cookie)).code() == errc::malformed);
}

TEST_CASE("no line of the log holds a password, a cookie, a token or an invitation") {
    api_world world{invited_only()};
    const auto code = *world.server->set_up_code();
    const auto owner = world.account("ann", code);
    const auto secret = invitation(world, owner);
    const auto made = world.ask("POST", "/api/tokens", R"({"name":"bot"})", with(owner));
    const std::string token{boost::json::parse(made.body).at("token").as_string()};
    world.ask("POST", "/api/session", person("ann", "my secret mistake"));
    world.ask("DELETE", "/api/session", "", with(owner));
    CHECK(world.lines.size() >= 5);
    for (const auto& line : world.lines) {
        for (const auto& hidden : {code, owner.substr(7), secret, token, std::string{"my secret mistake"},
                                   std::string{"correct horse"}})
            CHECK(line.find(hidden) == std::string::npos);
    }
}
