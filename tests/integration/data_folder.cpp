#include "server/store/sqlite_database.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/store_mount.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

/// A server that can't have its data says why in one line, ends with 1 and has touched nothing.
using namespace parley;
using namespace parley::testing;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

constexpr uid_t nobody = 65'534;

/// A folder that everybody may enter, with a data folder in it.
class open_folder {
public:
    open_folder() {
        fs::permissions(above_.path(), fs::perms{0755});
        fs::create_directory(path());
    }

    [[nodiscard]] fs::path path() const { return above_.path() / "data"; }

    void give_to(uid_t user, mode_t mode) const {
        for (const auto& entry : fs::directory_iterator{path()})
            REQUIRE(::chown(entry.path().c_str(), user, user) == 0);
        REQUIRE(::chown(path().c_str(), user, user) == 0);
        REQUIRE(::chmod(path().c_str(), mode) == 0);
    }

private:
    temporary_folder above_;
};

std::vector<std::string> serving(const fs::path& data) {
    return {"--data", data.string(), "--port", std::to_string(free_port())};
}

/// Makes a database in the folder, as a server that was there before.
void serve_once(const fs::path& data) {
    server_process before;
    REQUIRE(before.stop() == 0);
    fs::copy(before.data(), data, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().filename() != "parley.lock" && entry.path().extension() != ".db-shm")
            out[entry.path().filename()] = bytes_of(entry.path());
    return out;
}

/// One line that holds the name of the folder and what helps.
void check_refused(const finished& ended, const fs::path& folder, const std::string& because) {
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    CHECK(ended.out.empty());
    CHECK(ended.err.starts_with("parleyd: "));
    CHECK(ended.err.find('\n') == ended.err.size() - 1);
    CHECK_THAT(ended.err, Contains(folder.string()));
    CHECK_THAT(ended.err, Contains(because));
}

}  // namespace

TEST_CASE("a data folder below one that is missing is refused in one line") {
    const open_folder folder;
    const auto data = folder.path() / "not" / "there";
    check_refused(run_parleyd(serving(data)), data, "the folder above it is missing");
    CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a data folder that is a file is refused in one line") {
    const open_folder folder;
    const auto data = folder.path() / "file";
    std::ofstream{data} << "mine";
    check_refused(run_parleyd(serving(data)), data, "is no folder");
}

TEST_CASE("a data folder that the server's user may not write is refused in one line, and left alone") {
    if (::getuid() != 0) return;
    const open_folder folder;
    const auto as_nobody = [&] { return run_parleyd(serving(folder.path()), {}, {}, nobody); };
    SECTION("it is another's") {
        folder.give_to(0, 0755);
        check_refused(as_nobody(), folder.path(), "Permission denied");
    }
    SECTION("it can't be entered") {
        folder.give_to(0, 0700);
        check_refused(as_nobody(), folder.path(), "Permission denied");
    }
    SECTION("it is one's own and read-only") {
        folder.give_to(nobody, 0500);
        check_refused(as_nobody(), folder.path(), "Permission denied");
    }
    SECTION("it has a database already and is read-only") {
        serve_once(folder.path());
        fs::remove(folder.path() / "parley.lock");
        folder.give_to(nobody, 0500);
        const auto before = contents(folder.path());
        check_refused(as_nobody(), folder.path(), "Permission denied");
        CHECK(contents(folder.path()) == before);
    }
    SECTION("the database in it is another's") {
        serve_once(folder.path());
        folder.give_to(0, 0777);
        fs::remove(folder.path() / "parley.lock");
        const auto before = contents(folder.path());
        check_refused(as_nobody(), folder.path() / "parley.db", "right to read and write");
        CHECK(contents(folder.path()) == before);
    }
    SECTION("the database in it is read-only") {
        serve_once(folder.path());
        folder.give_to(nobody, 0700);
        fs::permissions(folder.path() / "parley.db", fs::perms{0400});
        const auto before = contents(folder.path());
        check_refused(as_nobody(), folder.path() / "parley.db", "right to read and write");
        CHECK(contents(folder.path()) == before);
    }
    SECTION("the one above is another's, so that it can't be made") {
        const auto data = folder.path() / "data";
        check_refused(run_parleyd(serving(data), {}, {}, nobody), data, "Permission denied");
    }
}

TEST_CASE("a data folder on a read-only disk is refused in one line") {
    const store_mount disk{"4m"};
    if (!disk.good()) return;
    const bool served_before = GENERATE(false, true);
    if (served_before) serve_once(disk.path());
    REQUIRE(disk.make_read_only());
    check_refused(run_parleyd(serving(disk.path())), disk.path(), "--data");
}

TEST_CASE("a full disk is refused in one line at the start") {
    const store_mount disk{"4m"};
    if (!disk.good()) return;
    const bool served_before = GENERATE(false, true);
    CAPTURE(served_before);
    if (served_before) serve_once(disk.path());
    disk.fill();
    check_refused(run_parleyd(serving(disk.path())), disk.path(), "free some");
}

TEST_CASE("a data folder in use is refused in one line, and its server goes on") {
    const server_process server;
    check_refused(run_parleyd(serving(server.data())), server.data(), "another parleyd uses this folder");
    CHECK(http_client{server.port()}.get("/health").status == 200);
}

TEST_CASE("a database that another program holds is refused in one line") {
    const open_folder folder;
    serve_once(folder.path());
    sqlite::database other{folder.path() / "parley.db", sqlite::access::write};
    const sqlite::transaction held{other, sqlite::transaction::kind::writing};
    check_refused(run_parleyd(serving(folder.path())), folder.path(), "in use by another program");
}

TEST_CASE("a damaged database and a newer one are refused in one line and not touched") {
    const open_folder folder;
    serve_once(folder.path());
    const auto file = folder.path() / "parley.db";
    std::string because;
    SECTION("damaged") {
        std::ofstream{file, std::ios::binary | std::ios::in} << "this is no database any more";
        because = "damaged";
    }
    SECTION("newer") {
        sqlite::database db{file, sqlite::access::write};
        db.run("UPDATE meta SET value = '99' WHERE key = 'schema_version'");
        db.checkpoint(sqlite::database::checkpoint_kind::truncate);
        because = "newer Parley";
    }
    const auto before = contents(folder.path());
    check_refused(run_parleyd(serving(folder.path())), file, because);
    CHECK(contents(folder.path()) == before);
}

TEST_CASE("a port that is taken or not ours is refused in one line that names the options") {
    const server_process server;
    const open_folder folder;
    auto taken = serving(folder.path());
    taken.back() = std::to_string(server.port());
    const auto port = "port " + std::to_string(server.port());
    const auto last_line = [](const finished& ended) {
        const auto from = ended.err.rfind('\n', ended.err.size() - 2);
        return ended.err.substr(from == std::string::npos ? 0 : from + 1);
    };
    const auto second = run_parleyd(taken);
    CHECK(second.exit_code == 1);
    CHECK_THAT(last_line(second), Contains(port) && Contains("in use") && Contains("--port"));

    auto elsewhere = serving(folder.path());
    elsewhere.insert(elsewhere.end(), {"--listen", "192.0.2.1"});
    const auto third = run_parleyd(elsewhere);
    CHECK(third.exit_code == 1);
    CHECK_THAT(last_line(third), Contains("192.0.2.1") && Contains("--listen"));
}
