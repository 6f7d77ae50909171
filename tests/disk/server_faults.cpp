#include "server/store/store.hpp"
#include "tests/disk/faults.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counted_talk.hpp"
#include "tests/support/store_mount.hpp"

#include <limits>

/// A whole server whose disk fails until somebody mends it, while people go on talking.
namespace parley::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto half_open_at_last = 60s;  // the store is left alone for 30 s

std::size_t times_in(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size()))
        ++count;
    return count;
}

/// `/health`, asked no more often than 50 times a second.
class health_watch {
public:
    explicit health_watch(const server_process& server) : browser_(server.port()) {}

    const http_reply& look() {
        const auto now = native_client::now().mono_ms;
        if (now < next_ms_) return last_;
        next_ms_ = now + 20;
        return last_ = browser_.get("/health");
    }

private:
    http_client browser_;
    http_reply last_;
    std::int64_t next_ms_ = 0;
};

struct siege {
    explicit siege(const disk_fault& with) : fault(with) {}

    void begin() {
        INFO(describe(fault));
        REQUIRE(talk.on_until([&] { return talk.said() >= 50; }));
        faults.arm(fault);
        const auto stopped = [&] { return server.output().find("refusing ops: ") != std::string::npos; };
        REQUIRE(talk.on_until(stopped));
        REQUIRE(talk.on_until([&] { return health.look().status == 503; }));
        CHECK_THAT(health.look().body,
                   Catch::Matchers::Contains(R"("status":"unwell")") && Catch::Matchers::Contains(words));

        const auto& ann = talk.person(0).profile();
        http_client late{server.port()};
        late.set_cookie(ann.cookie);
        const auto reply =
            late.post("/api/rooms/" + to_text(general_room) + "/messages", R"({"text":"late"})");
        CHECK(reply.status == 503);
        CHECK_THAT(reply.body, Catch::Matchers::Contains(R"("busy")"));
    }

    void end() {
        INFO(describe(fault));
        REQUIRE(talk.on_until([&] { return health.look().status == 200; }, half_open_at_last));
        REQUIRE(talk.settle());
        CHECK(talk.complaint().empty());
        CHECK(talk.sum().whole());
        CHECK(talk.screens_agree());
        CHECK(times_in(server.output(), "refusing ops: ") == 1);
        CHECK(times_in(server.output(), "the store takes everything") == 2);  // at the start, too
    }

    disk_fault fault;
    std::string words = fault.error == ENOSPC ? "full" : "disk I/O error";
    disk_faults faults;
    server_process server{{"--message-rate", "0"}, faults.variables()};
    counted_talk talk{server, 20261125};
    health_watch health{server};
};

disk_fault for_long(disk_call call, int error, bool torn, bool dropped) {
    return {call, disk_file::log, 1, std::numeric_limits<std::uint32_t>::max(), error, torn, dropped};
}

}  // namespace

/// Side by side, since each store is left alone for half a minute.
TEST_CASE(
    "a disk that fails for long stops what is new and loses nothing, and all goes on when it is mended") {
    std::vector<std::unique_ptr<siege>> sieges;
    for (const auto& fault :
         {for_long(disk_call::write, EIO, true, false), for_long(disk_call::write, ENOSPC, false, false),
          for_long(disk_call::sync, EIO, false, true)})
        sieges.push_back(std::make_unique<siege>(fault));
    for (auto& each : sieges)
        each->begin();
    for (auto& each : sieges)
        each->faults.disarm();
    for (auto& each : sieges)
        each->end();
}

TEST_CASE("a disk that fills up stops what is new and loses nothing, and all goes on when there is space") {
    const store_mount disk{"300m"};  // of which the server wants 256 to stay free
    if (!disk.good()) return;
    server_process server{{"--message-rate", "0"}};
    server.kill();
    std::filesystem::remove_all(server.data());
    std::filesystem::create_directory_symlink(disk.path(), server.data());
    server.start();
    counted_talk talk{server, 20261128};
    health_watch health{server};

    REQUIRE(talk.on_until([&] { return talk.said() >= 50; }));
    disk.fill();
    REQUIRE(talk.on_until([&] { return server.output().find("refusing ops: ") != std::string::npos; }));
    REQUIRE(talk.on_until([&] { return health.look().status == 503; }));
    disk.free();
    REQUIRE(talk.on_until([&] { return health.look().status == 200; }, half_open_at_last));
    REQUIRE(talk.settle());
    CHECK(talk.complaint().empty());
    CHECK(talk.sum().whole());
    CHECK(talk.screens_agree());
    const auto since = server.output().substr(server.output().find("refusing ops: "));
    CHECK(times_in(since, "refusing ops: ") == 1);
    CHECK(times_in(since, "the store takes everything") == 1);
}

}  // namespace parley::testing
