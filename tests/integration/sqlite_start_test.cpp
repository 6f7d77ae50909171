#include "server/store/sqlite_schema.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_child.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/support/store_log.hpp"
#include "tests/support/store_mount.hpp"

#include <map>
#include <sys/stat.h>

using namespace parley;
using namespace parley::testing;
using Catch::Matchers::Contains;

namespace {

/// Each file of the folder that says something, and what it says. The lock is no content.
std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.path().filename() != "parley.lock" && entry.path().extension() != ".db-shm")
            out[entry.path().filename()] = bytes_of(entry.path());
    return out;
}

std::string refusal_to_open(const std::filesystem::path& folder) {
    try {
        sqlite_store store{sqlite_options{folder}};
        return {};
    } catch (const std::runtime_error& why) {
        return why.what();
    }
}

void make_store(const std::filesystem::path& folder) {
    sqlite_store store{sqlite_options{folder}};
    store_log log{store};
    for (int i = 0; i < 100; ++i)
        log.write({log.say(general_room, ann, std::string(500, 'x'))});
}

void overwrite(const std::filesystem::path& file, std::streamoff at, const std::string& with) {
    std::fstream out{file, std::ios::binary | std::ios::in | std::ios::out};
    out.seekp(at);
    out << with;
}

}  // namespace

TEST_CASE("a folder that is missing is made for its owner alone") {
    store_folder parent;
    const auto folder = parent.path() / "data";
    CHECK(refusal_to_open(folder).empty());

    struct stat seen {};

    REQUIRE(::stat(folder.c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0700);
    REQUIRE(::stat((folder / "parley.db").c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0600);
}

TEST_CASE("a folder that can't be used is named, and so is what helps") {
    store_folder parent;
    SECTION("the one above it is missing") {
        const auto why = refusal_to_open(parent.path() / "not" / "there");
        CHECK_THAT(why, Contains((parent.path() / "not" / "there").string()));
        CHECK_THAT(why, Contains("--data"));
    }
    SECTION("it is a file") {
        std::ofstream{parent.path() / "data"} << "x";
        CHECK_THAT(refusal_to_open(parent.path() / "data"), Contains("is no folder") && Contains("--data"));
    }
}

TEST_CASE("a read-only folder is named, and so is what helps") {
    store_mount disk{"4m"};
    if (!disk.good()) return;
    const bool made_before = GENERATE(false, true);
    if (made_before) make_store(disk.path());
    REQUIRE(disk.make_read_only());
    CHECK_THAT(refusal_to_open(disk.path()), Contains(disk.path().string()) && Contains("--data"));
}

TEST_CASE("a second process is refused as long as the first one lives") {
    store_folder folder;
    store_child first{[&](const auto& tell) {
        sqlite_store store{sqlite_options{folder.path()}};
        tell("open");
        for (;;)
            ::pause();
    }};
    REQUIRE(first.next() == "open");
    const auto why = refusal_to_open(folder.path());
    CHECK_THAT(why, Contains((folder.path() / "parley.lock").string()) && Contains("another parleyd"));
    first.kill();
    CHECK(refusal_to_open(folder.path()).empty());
}

TEST_CASE("a store in use is refused within the same process too") {
    store_folder folder;
    sqlite_store store{sqlite_options{folder.path()}};
    CHECK_THAT(refusal_to_open(folder.path()), Contains("another parleyd"));
}

TEST_CASE("a damaged file is refused and not touched") {
    store_folder folder;
    make_store(folder.path());
    const auto size = std::filesystem::file_size(folder.file());
    SECTION("no header") {
        overwrite(folder.file(), 0, std::string(64, '\7'));
    }
    SECTION("empty") {
        std::filesystem::resize_file(folder.file(), 0);
    }
    SECTION("cut off in its header") {
        std::filesystem::resize_file(folder.file(), 60);
    }
    SECTION("cut off") {
        std::filesystem::resize_file(folder.file(), size / 2);
    }
    SECTION("garbage within") {
        overwrite(folder.file(), 5 * 4096, std::string(4096, '\x5a'));
    }
    SECTION("no tables") {
        overwrite(folder.file(), 100, std::string(3996, '\0'));
    }
    const auto before = contents(folder.path());
    CHECK_THAT(refusal_to_open(folder.path()), Contains(folder.file().string()) && Contains("damaged"));
    CHECK(contents(folder.path()) == before);
}

TEST_CASE("a damaged file with its log beside it is refused and not touched") {
    store_folder folder;
    store_child crashed{[&](const auto& tell) {
        make_store(folder.path());
        sqlite_store store{sqlite_options{folder.path()}};
        store_log log{store};
        log.write({log.say(general_room, ann, "in the log")});
        tell("written");
        for (;;)
            ::pause();
    }};
    REQUIRE(crashed.next() == "written");
    crashed.kill();
    overwrite(folder.file(), 5 * 4096, std::string(4096, '\x5a'));
    const auto before = contents(folder.path());
    REQUIRE(before.at("parley.db-wal").size() > 0);
    CHECK_THAT(refusal_to_open(folder.path()), Contains("damaged"));
    CHECK(contents(folder.path()) == before);
}

TEST_CASE("a newer file is refused and not touched") {
    store_folder folder;
    make_store(folder.path());
    {
        sqlite::database db{folder.file(), sqlite::access::write};
        db.run("UPDATE meta SET value = '99' WHERE key = 'schema_version'");
        db.checkpoint(sqlite::database::checkpoint_kind::truncate);
    }
    const auto before = contents(folder.path());
    CHECK_THAT(refusal_to_open(folder.path()), Contains("newer Parley") && Contains("99"));
    CHECK(contents(folder.path()) == before);
}

TEST_CASE("another program's file is refused and not touched") {
    store_folder folder;
    {
        sqlite::database db{folder.file(), sqlite::access::create};
        db.run("CREATE TABLE songs (name TEXT)");
    }
    const auto before = contents(folder.path());
    CHECK_THAT(refusal_to_open(folder.path()), Contains("another program"));
    CHECK(contents(folder.path()) == before);
}

TEST_CASE("a first start that was cut short leaves nothing in the way") {
    store_folder folder;
    std::ofstream{folder.path() / "parley.db.new"} << "half of it";
    std::ofstream{folder.path() / "parley.db.new-journal"} << "half of it";
    CHECK(refusal_to_open(folder.path()).empty());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "parley.db.new"));
}
