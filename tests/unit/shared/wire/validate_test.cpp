#include "shared/wire/validate.hpp"

#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

errc code_of(checked check) {
    return check.code;
}

wire::op op_of(change_kind kind, std::string name, std::string text) {
    wire::op op;
    op.id = op_id{{1, 1}};
    op.room = room_id{{2, 2}};
    op.kind = kind;
    op.name = std::move(name);
    op.text = std::move(text);
    return op;
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

}  // namespace

TEST_CASE("a message has 1 to 10,000 code points that are not all white space") {
    CHECK(check_message("x"));
    CHECK(check_message(repeated("ä", limits::message_code_points)));
    CHECK(code_of(check_message(repeated("ä", limits::message_code_points + 1))) == errc::too_large);
    CHECK(code_of(check_message("")) == errc::empty);
    CHECK(code_of(check_message(" \n\t ")) == errc::empty);
    CHECK(code_of(check_message("\xff")) == errc::bad_text);
    CHECK(code_of(check_message(std::string("a\0", 2))) == errc::bad_text);
}

TEST_CASE("a user name is lower-cased and has 2 to 32 of its alphabet") {
    CHECK(check_user_name("Ann.B-9_") == std::string("ann.b-9_"));
    CHECK(check_user_name(std::string(32, 'a')));
    for (const std::string bad : {"a", "", "has space", "ünal", "аnn", "ann@x", "ann\n"})
        CHECK(check_user_name(bad).error().code == errc::bad_name);
    CHECK(check_user_name(std::string(33, 'a')).error().code == errc::bad_name);
}

TEST_CASE("a room name has no control characters and no space at its ends") {
    CHECK(check_room_name("Plans for 2027 🎉"));
    CHECK(check_room_name(repeated("日", limits::room_name_code_points)));
    for (const std::string bad : {"", " ", " a", "a ", "a\nb", "\x7f"})
        CHECK(code_of(check_room_name(bad)) == errc::bad_name);
    CHECK(code_of(check_room_name(repeated("日", limits::room_name_code_points + 1))) == errc::bad_name);
    CHECK(code_of(check_room_name("\xc0\x80")) == errc::bad_text);
}

TEST_CASE("a topic may be empty but not long") {
    CHECK(check_topic(""));
    CHECK(code_of(check_topic(repeated("x", limits::topic_code_points + 1))) == errc::too_large);
}

TEST_CASE("an op is judged by its kind") {
    CHECK(check_op(op_of(change_kind::message, "", "hi")));
    CHECK(code_of(check_op(op_of(change_kind::message, "", ""))) == errc::empty);
    CHECK(check_op(op_of(change_kind::create, "room", "")));
    CHECK(code_of(check_op(op_of(change_kind::create, "", ""))) == errc::bad_name);
    CHECK(check_op(op_of(change_kind::join, "", "")));
    CHECK(check_op(op_of(change_kind::nothing, "", "")));
    CHECK(code_of(check_op(op_of(static_cast<change_kind>(99), "", ""))) == errc::malformed);
    CHECK(code_of(check_op(op_of(change_kind::message, "a name", "hi"))) == errc::malformed);
    for (const auto kind : {change_kind::join, change_kind::leave, change_kind::nothing}) {
        CHECK(code_of(check_op(op_of(kind, "a name", ""))) == errc::malformed);
        CHECK(code_of(check_op(op_of(kind, "", "a text"))) == errc::malformed);
    }
    auto nameless = op_of(change_kind::join, "", "");
    nameless.id = {};
    CHECK(code_of(check_op(nameless)) == errc::bad_op_id);
}

TEST_CASE("op ids are taken from 14 days ago to a day ahead, and those of foreign keys always") {
    const std::int64_t now = 1'700'000'000'000;
    const auto at = [](std::int64_t ms) { return op_id{make_ulid(ms, 1, 1)}; };
    CHECK(check_op_id(at(now), now));
    CHECK(check_op_id(at(now - limits::op_id_age_ms), now));
    CHECK_FALSE(check_op_id(at(now - limits::op_id_age_ms - 1), now));
    CHECK(check_op_id(at(now + limits::op_id_ahead_ms), now));
    CHECK_FALSE(check_op_id(at(now + limits::op_id_ahead_ms + 1), now));
    CHECK(check_op_id(at(ulid_time_max_ms), now));
}
