#include "server/api/answers.hpp"
#include "server/api/registration.hpp"
#include "server/api/router.hpp"
#include "server/api/secrets.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <regex>
#include <set>
#include <string>

using namespace parley;

namespace {

constexpr route_key table[] = {{"GET", "/api/rooms"},
                               {"POST", "/api/rooms"},
                               {"POST", "/api/rooms/*/join"},
                               {"DELETE", "/api/tokens/*"}};

using how = routed::how;

}  // namespace

TEST_CASE("a path leads to its route, and its ids are read") {
    const auto id = make_ulid(1, 2, 3);
    CHECK(find_route(table, "GET", "/api/rooms").index == 0);
    CHECK(find_route(table, "HEAD", "/api/rooms").index == 0);
    CHECK(find_route(table, "POST", "/api/rooms").index == 1);
    const auto join = find_route(table, "POST", "/api/rooms/" + to_text(id) + "/join");
    CHECK(join.what == how::found);
    CHECK(join.index == 2);
    CHECK(join.ids == std::vector<ulid>{id});
}

TEST_CASE("a path that leads nowhere is said to") {
    for (const auto* path :
         {"/", "", "/api", "/api/rooms/", "/api/rooms//join", "/api/rooms/x/join", "/api/roomsx",
          "/api/rooms/00000000000000000000000000", "//api/rooms", "/API/rooms",
          "/api/rooms/00000000000000000000000000/join/x", "/api/rooms/../rooms"}) {
        INFO(path);
        CHECK(find_route(table, "GET", path).what == how::no_such_path);
    }
}

TEST_CASE("a wrong method is told the right ones") {
    const auto wrong = find_route(table, "PUT", "/api/rooms");
    CHECK(wrong.what == how::wrong_method);
    CHECK(wrong.allow == "GET, HEAD, POST, OPTIONS");
    CHECK(find_route(table, "GET", "/api/tokens/00000000000000000000000000").allow == "DELETE, OPTIONS");
    CHECK(find_route(table, "get", "/api/rooms").what == how::wrong_method);
}

TEST_CASE("on this machine alone anyone may register; elsewhere the owner shows the code that was printed") {
    using mode = registration_mode;
    CHECK(admission_of(mode::automatic, true, false) == admission::free);
    CHECK(admission_of(mode::automatic, true, true) == admission::free);
    CHECK(admission_of(mode::automatic, false, false) == admission::set_up);
    CHECK(admission_of(mode::automatic, false, true) == admission::invitation);
    CHECK(admission_of(mode::invite, true, false) == admission::set_up);
    CHECK(admission_of(mode::invite, true, true) == admission::invitation);
    CHECK(admission_of(mode::open, false, false) == admission::set_up);
    CHECK(admission_of(mode::open, false, true) == admission::free);
    CHECK(admission_of(mode::closed, false, false) == admission::set_up);
    CHECK(admission_of(mode::closed, true, true) == admission::none);
}

TEST_CASE("a secret is long, never the same, and hashed only if it looks like one") {
    std::set<std::string> secrets;
    for (int i = 0; i < 100; ++i)
        secrets.insert(make_secret());
    CHECK(secrets.size() == 100);
    const auto secret = *secrets.begin();
    CHECK(secret.size() == 43);
    CHECK(hash_secret(secret) == hash_secret(secret));
    CHECK(hash_secret(secret) != hash_secret(*secrets.rbegin()));
    CHECK_FALSE(hash_secret(""));
    CHECK_FALSE(hash_secret(secret + "x"));
    CHECK_FALSE(hash_secret(secret.substr(1) + "="));
    CHECK_FALSE(hash_secret(secret.substr(1) + " "));
}

TEST_CASE("the set-up code forgives how it is typed, not what") {
    const auto code = make_code();
    CHECK(code.size() == 23);
    CHECK(same_code(code, code));
    std::string sloppy = " ";
    for (const char c : code)
        sloppy += c == '-' ? ' ' : static_cast<char>(std::tolower(c));
    CHECK(same_code(sloppy, code));
    CHECK_FALSE(same_code("", code));
    CHECK_FALSE(same_code(code.substr(1), code));
    CHECK_FALSE(same_code(make_code(), code));
    CHECK_FALSE(same_code("", make_code()));
}

TEST_CASE("all servers of a store have one set-up code, and those of another store have another") {
    const auto code = set_up_code_of({1, 2});
    CHECK(code.size() == 23);
    CHECK(code == set_up_code_of({1, 2}));
    CHECK(code != set_up_code_of({1, 3}));
    CHECK(code != set_up_code_of({2, 2}));
}

TEST_CASE("an error names its code, and says when to come back where that helps") {
    const auto limited = error_answer({errc::rate_limited, {}}, 1'001);
    CHECK(limited.status == 429);
    CHECK(limited.body ==
          R"({"error":{"code":"rate_limited","message":"Too fast; wait a moment","retry_ms":1001}})");
    CHECK(limited.headers.back() == std::pair<std::string, std::string>{"Retry-After", "2"});
    CHECK(error_answer({errc::busy, {}}).headers.back().second == "1");
    CHECK(error_answer({errc::unauthenticated, {}}).headers.back().first == "WWW-Authenticate");
    CHECK(error_answer({errc::bad_name, "because \"x\""}).body.find(R"(because \"x\")") != std::string::npos);
    CHECK(status_of(errc::malformed) == 400);
    CHECK(status_of(errc::wrong_host) == 421);
    CHECK(status_of(errc::too_large) == 413);
    CHECK(status_of(errc::not_implemented) == 501);
}

TEST_CASE("the document of the HTTP calls tells the status of every code that it names") {
    std::ifstream document{PARLEY_SOURCE_DIR "/docs/HTTP.md"};
    const std::regex row{R"(\| ([45]\d\d) \| (.*) \|)"};
    const std::set<int> of_the_connection{408, 426,
                                          431};  // said before a request is whole, or not of the API
    std::size_t told = 0;
    for (std::string line; std::getline(document, line);) {
        std::smatch parts;
        if (!std::regex_match(line, parts, row)) continue;
        const auto status = std::stoi(parts[1]);
        if (of_the_connection.contains(status)) continue;
        for (std::uint16_t number = 1; number < 100; ++number) {
            const auto code = static_cast<errc>(number);
            if (parts[2].str().find("`" + std::string{name_of(code)} + "`") == std::string::npos) continue;
            INFO(line);
            CHECK(status_of(code) == status);
            ++told;
        }
    }
    CHECK(told >= 30);
}

TEST_CASE("how an op ended becomes the answer of its request") {
    wire::op_reply reply;
    reply.outcome = outcome::committed;
    reply.kind = change_kind::message;
    reply.seq = 7;
    CHECK_FALSE(refusal_of(reply));

    reply.kind = change_kind::nothing;
    reply.code = errc::store_refused;
    CHECK(refusal_of(reply)->status == 422);
    reply.code = errc::none;
    reply.seq = 0;
    CHECK_FALSE(refusal_of(reply));

    reply.outcome = outcome::rejected;
    reply.code = errc::not_member;
    CHECK(refusal_of(reply)->status == 403);
    reply.code = errc::conflict;
    CHECK(refusal_of(reply)->status == 409);

    reply.outcome = outcome::later;
    reply.code = errc::busy;
    CHECK(refusal_of(reply)->status == 503);

    reply.outcome = outcome::unknown;
    CHECK(refusal_of(reply)->status == 503);
    CHECK(refusal_of(reply)->body.find("outcome_unknown") != std::string::npos);
}
