#include "server/ops/log.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

constexpr std::int64_t morning_ms = 1'795'166'102'123;  // 2026-11-20T09:15:02.123Z

}  // namespace

TEST_CASE("a line of the log has exactly its form") {
    log_line line;
    line.event = "join_room";
    line.session = session_id{{1, 2}};
    line.user = user_id{{3, 4}};
    line.room = room_id{{5, 6}};
    line.message = "joined";
    line.meta_json = R"({"seq":7})";
    CHECK(format_line(line, morning_ms) ==
          "[2026-11-20T09:15:02.123Z] [INFO] [join_room] socket=" + to_text(line.session) + " userId=" +
              to_text(line.user) + " roomId=" + to_text(line.room) + R"( msg="joined" meta={"seq":7})");
}

TEST_CASE("what is unknown is a dash, and no meta is an empty object") {
    log_line line;
    line.event = "start";
    CHECK(format_line(line, 0) ==
          R"([1970-01-01T00:00:00.000Z] [INFO] [start] socket=- userId=- roomId=- msg="" meta={})");
}

TEST_CASE("no message makes a second line or ends its quotes") {
    log_line line;
    line.event = "x";
    line.message = "a\nb\r\t\"c\\\x01\x7f";
    CHECK(format_line(line, 0).find(R"(msg="a\nb\r\t\"c\\\u0001\u007f" meta)") != std::string::npos);
    CHECK(format_line(line, 0).find('\n') == std::string::npos);
}

TEST_CASE("each level has its name") {
    log_line line;
    line.event = "x";
    const auto name_at = [&](int level) {
        line.level = static_cast<decltype(line.level)>(level);
        return format_line(line, 0).substr(27, 7);
    };
    CHECK(name_at(0) == "[DEBUG]");
    CHECK(name_at(1) == "[INFO] ");
    CHECK(name_at(2) == "[WARN] ");
    CHECK(name_at(3) == "[ERROR]");
}

TEST_CASE("the counts tell what is open, in memory and refused") {
    hub_counts counts;
    counts.sockets = 3, counts.users = 2, counts.rooms = 4, counts.provisional = 1;
    counts.ops = 100, counts.stored = 99;
    counts.refused = {{errc::not_member, 5}, {errc::rate_limited, 6}};
    const auto line = counts_line(counts);
    CHECK(line.event == "counts");
    CHECK(line.meta_json == R"({"sockets":3,"users":2,"rooms":4,"ops":100,"provisional":1,"stored":99,)"
                            R"("refused":{"not_member":5,"rate_limited":6}})");
}

TEST_CASE("the counts are due every minute, however late they are asked for") {
    counts_schedule minutes{1'000};
    CHECK_FALSE(minutes.due(1'000));
    CHECK_FALSE(minutes.due(60'999));
    CHECK(minutes.due(61'000));
    CHECK_FALSE(minutes.due(61'000));
    CHECK(minutes.due(121'400));
    CHECK_FALSE(minutes.due(180'999));
    CHECK(minutes.due(181'000));
    CHECK(minutes.due(1'000'000));  // asleep for long: one line
    CHECK_FALSE(minutes.due(1'000'001));
    CHECK(minutes.due(1'021'000));
}
