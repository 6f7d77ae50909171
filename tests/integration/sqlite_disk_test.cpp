#include "server/store/sqlite_readers.hpp"
#include "server/store/sqlite_schema.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_child.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/support/store_log.hpp"
#include "tests/support/store_mount.hpp"

#include <atomic>
#include <thread>

using namespace parley;
using namespace parley::testing;
using Catch::Matchers::Contains;
using kind = commit_outcome::kind;

TEST_CASE("a full disk refuses batches, keeps what it has, and takes the same batch when there is space") {
    store_mount disk{"8m"};
    if (!disk.good()) return;
    sqlite_options options{disk.path()};
    options.keep_free_bytes = 2 * 1024 * 1024;
    sqlite_store store{options};
    store_log log{store};
    CHECK_FALSE(store.refusal().has_value());
    REQUIRE(log.write({log.say(general_room, ann, "before")}).what == kind::committed);

    disk.fill();
    CHECK_THAT(store.refusal().value_or(""),
               Contains(disk.path().string()) && Contains("less than 2 MiB are free"));
    std::vector<log_entry_ptr> events;
    for (int i = 0; i < 200; ++i)
        events.push_back(log.say(general_room, ann, std::string(5'000, 'x')));
    const auto batch = log.batch(events);
    for (int tries = 0; tries < 3; ++tries) {
        const auto outcome = store.commit(batch, {});
        CHECK(outcome.what == kind::failed);
        CHECK_THAT(outcome.reason, Contains("full"));
    }
    store.rest();
    CHECK(store.load_room(general_room)->head == 2);

    disk.free();
    CHECK(store.commit(batch, {}).what == kind::committed);
    CHECK(store.load_room(general_room)->head == 202);
    CHECK_FALSE(store.refusal().has_value());
}

TEST_CASE("a disk that is full at the first start is named, and so is what helps") {
    store_mount disk{"64k"};
    if (!disk.good()) return;
    disk.fill();
    try {
        sqlite_store store{sqlite_options{disk.path()}};
        FAIL("it opened");
    } catch (const std::runtime_error& why) {
        CHECK_THAT(why.what(), Contains(disk.path().string()) && Contains("free some"));
    }
}

TEST_CASE("damage that is met while running ends the process at the next commit") {
    store_folder folder;
    {
        sqlite_store store{sqlite_options{folder.path()}};
        store_log log{store};
        std::vector<log_entry_ptr> events;
        for (int i = 0; i < 1'000; ++i)
            events.push_back(log.say(general_room, ann, std::string(2'000, 'x')));
        log.write(std::move(events));
    }
    sqlite_store store{sqlite_options{folder.path()}};
    store_log log{store};  // reads what is recent; the rest is not in memory
    store.rest();
    const auto spoil = complaint_of_child([&] {
        std::fstream out{folder.file(), std::ios::binary | std::ios::in | std::ios::out};
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(folder.file()));
        out.seekp(4096);
        out << std::string(static_cast<std::size_t>(size - 4096), '\x5a');
    });
    REQUIRE(spoil.empty());

    const auto page = store.read_after(general_room, 1, 100);
    REQUIRE_FALSE(page.has_value());
    CHECK(page.error().code == errc::unavailable);
    const auto outcome = log.write({log.say(general_room, ann, "after")});
    CHECK(outcome.what == kind::damaged);
    CHECK_THAT(outcome.reason, Contains(folder.file().string()) && Contains("damaged"));
}

TEST_CASE("a read that takes too long is interrupted, and its connection serves the next one") {
    store_folder folder;
    sqlite::create_file(folder.file());
    sqlite::database writer{folder.file(), sqlite::access::write};
    sqlite::reader_pool readers{folder.file(), 1, std::chrono::milliseconds{20}};
    constexpr auto endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    try {
        readers.run([&](sqlite::database& db) { return db.number_of(endless); });
        FAIL("it ended");
    } catch (const sqlite::failure& why) {
        CHECK(why.kind() == sqlite::trouble::interrupted);
    }
    CHECK(readers.run([](sqlite::database& db) { return db.number_of("SELECT count(*) FROM rooms"); }) == 1);
}

TEST_CASE("the log beside the file stays short under constant reading") {
    store_folder folder;
    sqlite_options options{folder.path()};
    options.checkpoint_bytes = 256 * 1024;
    options.truncate_bytes = 1024 * 1024;
    sqlite_store store{options};
    store_log log{store};

    std::atomic<bool> ending = false;
    std::atomic<std::uint64_t> reads = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!ending)
                reads += store.read_before(general_room, 0, 100).has_value() ? 1 : 0;
        });
    }
    std::uintmax_t longest = 0;
    for (int i = 0; i < 200; ++i) {
        std::vector<log_entry_ptr> events;
        for (int k = 0; k < 20; ++k)
            events.push_back(log.say(general_room, ann, std::string(3'000, 'x')));
        REQUIRE(log.write(std::move(events)).what == kind::committed);
        longest = std::max(longest, std::filesystem::file_size(folder.path() / "parley.db-wal"));
    }
    ending = true;
    for (auto& reader : readers)
        reader.join();
    CHECK(reads > 0);
    CHECK(longest < 2 * options.truncate_bytes);
    CHECK(store.load_room(general_room)->head == 4'001);
}

TEST_CASE(
    "who reads for long, as a backup does, holds up no batch, and the log is short again when that ends") {
    store_folder folder;
    sqlite_options options{folder.path()};
    options.checkpoint_bytes = 256 * 1024;
    options.truncate_bytes = 1024 * 1024;
    sqlite_store store{options};
    store_log log{store};
    const auto log_bytes = [&] { return std::filesystem::file_size(folder.path() / "parley.db-wal"); };
    const auto write_some = [&] {
        std::vector<log_entry_ptr> events;
        for (int k = 0; k < 20; ++k)
            events.push_back(log.say(general_room, ann, std::string(3'000, 'x')));
        REQUIRE(log.write(std::move(events)).what == kind::committed);
    };
    {
        sqlite::database backup{folder.file(), sqlite::access::read};
        const sqlite::transaction snapshot{backup, sqlite::transaction::kind::reading};
        REQUIRE(backup.number_of("SELECT count(*) FROM events") == 1);
        for (int i = 0; i < 60; ++i)
            write_some();
        CHECK(log_bytes() > 2 * options.truncate_bytes);
        CHECK(backup.number_of("SELECT count(*) FROM events") == 1);
    }
    for (int i = 0; i < 6; ++i)
        write_some();
    CHECK(log_bytes() < options.truncate_bytes);
    CHECK(store.load_room(general_room)->head == 1 + 66 * 20);
}
