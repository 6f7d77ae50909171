#include "tests/support/catch.hpp"
#include "tests/unit/api/api_world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace parley;
using testing::api_world;

namespace {

namespace json = boost::json;

http_headers with(const std::string& cookie) {
    return {{"Cookie", cookie}};
}

http_headers with_key(const std::string& cookie, const std::string& key) {
    return {{"Cookie", cookie}, {"Idempotency-Key", key}};
}

std::string create(api_world& world, const std::string& cookie, const std::string& name) {
    const auto made = world.ask("POST", "/api/rooms", R"({"name":")" + name + "\"}", with(cookie));
    REQUIRE(made.status == 201);
    return std::string{json::parse(made.body).at("id").as_string()};
}

std::string say(const std::string& text) {
    return R"({"text":")" + text + "\"}";
}

json::value page(api_world& world, const std::string& cookie, const std::string& room,
                 const std::string& query) {
    const auto reply = world.ask("GET", "/api/rooms/" + room + "/messages" + query, "", with(cookie));
    REQUIRE(reply.status == 200);
    return json::parse(reply.body);
}

std::string texts(const json::value& page) {
    std::string all;
    for (const auto& message : page.at("messages").as_array())
        all += (all.empty() ? "" : " ") + std::string{message.at("text").as_string()};
    return all;
}

answer_http answered(outcome how, errc code, std::uint32_t retry_ms = 0) {
    answer_http answer;
    answer.reply.outcome = how;
    answer.reply.code = code;
    answer.reply.retry_ms = retry_ms;
    return answer;
}

}  // namespace

TEST_CASE("a created room is listed, with its creator in it") {
    api_world world;
    const auto ann = world.account("ann"), bob = world.account("bob");
    const auto made = world.ask("POST", "/api/rooms", R"({"name":"tea","topic":"leaves"})", with(ann));
    CHECK(made.status == 201);
    const auto id = std::string{json::parse(made.body).at("id").as_string()};
    const auto find = [&](const std::string& cookie) {
        const auto list = json::parse(world.ask("GET", "/api/rooms", "", with(cookie)).body);
        for (const auto& room : list.at("rooms").as_array()) {
            if (room.at("id").as_string() == id.c_str()) return json::serialize(room);
        }
        return std::string{};
    };
    CHECK(find(ann) == R"({"id":")" + id +
                           R"(","name":"tea","kind":"channel","topic":"leaves",)"
                           R"("members":1,"joined":true,"head":1})");
    CHECK(find(bob).find(R"("joined":false)") != std::string::npos);
}

TEST_CASE("joining and leaving may be repeated and say the same") {
    api_world world;
    const auto room = create(world, world.account("ann"), "tea");
    const auto bob = world.account("bob");
    for (const std::string way : {"/join", "/join", "/leave", "/leave"}) {
        const auto reply =
            world.ask("POST", "/api/rooms/" + room + way, "", {{"Cookie", bob}, {"Content-Type", ""}});
        CHECK(reply.status == 200);
        CHECK(reply.body == R"({"id":")" + room + R"(","joined":)" + (way == "/join" ? "true}" : "false}"));
    }
}

TEST_CASE("members see each other; others see nothing") {
    api_world world;
    const auto ann = world.account("ann"), bob = world.account("bob");
    const auto room = create(world, ann, "tea");
    CHECK(world.ask("GET", "/api/rooms/" + room + "/members", "", with(bob)).code() == errc::not_member);
    CHECK(world.ask("GET", "/api/rooms/" + room + "/messages", "", with(bob)).code() == errc::not_member);
    world.ask("POST", "/api/rooms/" + room + "/join", "", with(bob));
    const auto members = json::parse(world.ask("GET", "/api/rooms/" + room + "/members", "", with(bob)).body);
    CHECK(members.at("members").as_array().size() == 2);
    const auto nowhere = "/api/rooms/" + to_text(make_ulid(1, 2, 3));
    CHECK(world.ask("GET", nowhere + "/members", "", with(bob)).code() == errc::no_such_room);
    CHECK(world.ask("GET", nowhere + "/messages", "", with(bob)).status == 404);
}

TEST_CASE("a message that is stored is answered with its place, and read back") {
    api_world world;
    const auto ann = world.account("ann");
    const auto room = create(world, ann, "tea");
    const auto sent = world.ask("POST", "/api/rooms/" + room + "/messages", say("hello"), with(ann));
    CHECK(sent.status == 201);
    const auto place = json::parse(sent.body);
    const auto read = page(world, ann, room, "");
    CHECK_FALSE(read.at("more").as_bool());
    const auto& message = read.at("messages").as_array().at(0);
    CHECK(message.at("id") == place.at("id"));
    CHECK(message.at("seq") == place.at("seq"));
    CHECK(message.at("time") == place.at("time"));
    CHECK(message.at("text").as_string() == "hello");
    CHECK(message.at("author").at("username").as_string() == "ann");
}

TEST_CASE("the same key again gives 200 and the same body") {
    api_world world;
    const auto ann = world.account("ann");
    const auto path = "/api/rooms/" + create(world, ann, "tea") + "/messages";
    for (const std::string key : {"order-17", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}) {
        const auto first = world.ask("POST", path, say("hello"), with_key(ann, key));
        CHECK(first.status == 201);
        const auto again = world.ask("POST", path, say("hello"), with_key(ann, key));
        CHECK(again.status == 200);
        CHECK(again.body == first.body);
    }
    CHECK(world.hubs.seen.back().id.value == *parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    CHECK(world.hubs.seen.back().again);
    CHECK(world.ask("POST", path, say("x"), with_key(ann, std::string(65, 'x'))).code() == errc::malformed);
    CHECK(world.ask("POST", path, say("x"), with_key(ann, "a b")).code() == errc::malformed);
}

TEST_CASE("a room created twice under one key is one room") {
    api_world world;
    const auto ann = world.account("ann");
    const auto first = world.ask("POST", "/api/rooms", R"({"name":"tea"})", with_key(ann, "k"));
    const auto again = world.ask("POST", "/api/rooms", R"({"name":"tea"})", with_key(ann, "k"));
    CHECK(first.status == 201);
    CHECK(again.status == 200);
    CHECK(first.body == again.body);
}

TEST_CASE("what the hub refuses comes back as its code") {
    api_world world;
    const auto ann = world.account("ann");
    const auto path = "/api/rooms/" + create(world, ann, "tea") + "/messages";
    world.hubs.next = {answered(outcome::rejected, errc::conflict),
                       answered(outcome::rejected, errc::not_member),
                       answered(outcome::later, errc::rate_limited, 2'500),
                       answered(outcome::later, errc::busy), answered(outcome::unknown, errc::none)};
    const auto send = [&] { return world.ask("POST", path, say("hello"), with_key(ann, "k")); };
    const auto conflict = send();
    CHECK(conflict.status == 409);
    CHECK(conflict.code() == errc::conflict);
    CHECK(send().status == 403);
    const auto limited = send();
    CHECK(limited.status == 429);
    CHECK(limited.header("Retry-After") == "3");
    CHECK(send().status == 503);
    const auto unknown = send();
    CHECK(unknown.status == 503);
    CHECK(unknown.code() == errc::outcome_unknown);
    CHECK_FALSE(unknown.header("Retry-After").empty());
}

TEST_CASE("what can't be a message or a room is refused before the hub hears of it") {
    api_world world;
    const auto ann = world.account("ann");
    const auto path = "/api/rooms/" + create(world, ann, "tea") + "/messages";
    const auto before = world.hubs.seen.size();
    const auto code = [&](const std::string& to, const std::string& body) {
        return world.ask("POST", to, body, with(ann)).code();
    };
    CHECK(code(path, say("")) == errc::empty);
    CHECK(code(path, say(" \\n ")) == errc::empty);
    CHECK(code(path, say(std::string(10'001, 'x'))) == errc::too_large);
    CHECK(code(path, say("a\\u0000b")) == errc::bad_text);
    CHECK(code(path, say("\xff")) == errc::bad_text);
    CHECK(code(path, "{}") == errc::malformed);
    CHECK(code(path, R"({"text":"a","text":"b"})") == errc::malformed);
    CHECK(code("/api/rooms", R"({"name":""})") == errc::bad_name);
    CHECK(code("/api/rooms", R"({"name":")" + std::string(65, 'x') + "\"}") == errc::bad_name);
    CHECK(world.hubs.seen.size() == before);
    CHECK(world.ask("POST", path, say(std::string(10'000, 'x')), with(ann)).status == 201);
    CHECK(world.ask("POST", path, R"({"text":"hi","later":"field"})", with(ann)).status == 201);
}

TEST_CASE("history is read in pages, backward and forward, oldest first") {
    api_world world;
    const auto ann = world.account("ann"), bob = world.account("bob");
    const auto room = create(world, ann, "tea");
    for (int i = 1; i <= 5; ++i) {
        world.ask("POST", "/api/rooms/" + room + "/messages", say(std::to_string(i)), with(ann));
        world.ask("POST", "/api/rooms/" + room + (i % 2 ? "/join" : "/leave"), "", with(bob));
    }
    // seq: 1 create, 2 "1", 3 join, 4 "2", 5 leave, 6 "3", 7 join, 8 "4", 9 leave, 10 "5", 11 join
    const auto is = [&](const std::string& query, const std::string& expected, bool more) {
        INFO(query);
        const auto got = page(world, ann, room, query);
        CHECK(texts(got) == expected);
        CHECK(got.at("more").as_bool() == more);
    };
    is("", "1 2 3 4 5", false);
    is("?limit=5", "1 2 3 4 5", false);
    is("?limit=2", "4 5", true);
    is("?limit=2&before=8", "2 3", true);
    is("?limit=2&before=4", "1", false);
    is("?before=1", "", false);
    is("?after=0&limit=2", "1 2", true);
    is("?after=4&limit=2", "3 4", true);
    is("?after=8&limit=2", "5", false);
    is("?after=11", "", false);
    is("?after=999999", "", false);
    is("?after=2&before=10", "2 3 4", false);
    for (const auto* query :
         {"?limit=0", "?limit=201", "?before=x", "?after=-1", "?before=0", "?limit=1&limit=2"}) {
        INFO(query);
        CHECK(world.ask("GET", "/api/rooms/" + room + "/messages" + query, "", with(ann)).status == 400);
    }
}

TEST_CASE("a long history pages through without a gap or a repeat") {
    api_world world;
    const auto ann = world.account("ann");
    const auto room = create(world, ann, "tea");
    for (int i = 1; i <= 450; ++i)
        world.ask("POST", "/api/rooms/" + room + "/messages", say(std::to_string(i)), with(ann));
    int expected = 450;
    std::string query = "?limit=200";
    for (bool more = true; more;) {
        const auto got = page(world, ann, room, query);
        const auto& messages = got.at("messages").as_array();
        for (std::size_t i = messages.size(); i-- > 0;)
            CHECK(messages[i].at("text").as_string() == std::to_string(expected--));
        more = got.at("more").as_bool();
        query = "?limit=200&before=" + std::to_string(messages.at(0).at("seq").as_int64());
    }
    CHECK(expected == 0);
}

TEST_CASE("changes come from our own page, as JSON") {
    api_world world;
    const auto ann = world.account("ann");
    const auto create_with = [&](http_headers headers) {
        headers.emplace_back("Cookie", ann);
        return world.ask("POST", "/api/rooms", R"({"name":"tea"})", std::move(headers));
    };
    CHECK(create_with({{"Origin", "http://evil.example"}}).code() == errc::wrong_origin);
    CHECK(create_with({{"Origin", ""}}).status == 403);
    CHECK(create_with({{"Origin", ""}, {"Authorization", "Bearer x"}}).status == 403);
    CHECK(create_with({{"Content-Type", "text/plain"}}).status == 415);
    CHECK(create_with({{"Content-Type", ""}}).code() == errc::unsupported_media);
    CHECK(create_with({{"Content-Type", "Application/JSON; charset=utf-8"}}).status == 201);
    CHECK(world.ask("DELETE", "/api/session", "", {{"Cookie", ann}, {"Origin", "null"}}).status == 403);
    CHECK(world.ask("GET", "/api/session", "", with(ann)).status == 200);
}

TEST_CASE("unknown paths, wrong methods and questions about methods are answered") {
    api_world world;
    CHECK(world.ask("GET", "/api/nothing").code() == errc::not_found);
    CHECK(world.ask("GET", "/api/rooms/17/messages").status == 404);
    const auto wrong = world.ask("PUT", "/api/session");
    CHECK(wrong.status == 405);
    CHECK(wrong.header("Allow") == "POST, GET, HEAD, DELETE, OPTIONS");
    const auto asked = world.ask("OPTIONS", "/api/rooms");
    CHECK(asked.status == 204);
    CHECK(asked.header("Allow") == "GET, HEAD, POST, OPTIONS");
    CHECK(asked.header("Access-Control-Allow-Origin").empty());
    CHECK(world.ask("HEAD", "/health").status == 200);
}

TEST_CASE("everything but the door needs a session") {
    api_world world;
    const auto room = "/api/rooms/" + to_text(general_room);
    for (const auto& path : {std::string{"/api/session"}, std::string{"/api/rooms"}, room + "/members",
                             room + "/messages", std::string{"/api/tokens"}, std::string{"/api/invites"}}) {
        INFO(path);
        const auto reply = world.ask("GET", path);
        CHECK(reply.status == 401);
        CHECK(reply.code() == errc::unauthenticated);
    }
    for (const auto& path : {std::string{"/api/rooms"}, room + "/join", room + "/leave", room + "/messages",
                             std::string{"/api/tokens"}, std::string{"/api/invites"}}) {
        INFO(path);
        CHECK(world.ask("POST", path, "{}").status == 401);
    }
}

TEST_CASE("health says what the server says of itself") {
    api_world world;
    CHECK(world.ask("GET", "/health").status == 200);
    CHECK(world.ask("GET", "/ready").body == R"({"ready":true})");
    world.well = false;
    const auto unready = world.ask("GET", "/ready");
    CHECK(unready.status == 503);
    CHECK(unready.body == R"({"ready":false})");
    const auto unwell = world.ask("GET", "/health");
    CHECK(unwell.status == 503);
    CHECK(unwell.body == R"({"status":"unwell"})");
}
