#include "tests/layering/rules.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

namespace fs = std::filesystem;
using parley::layering::folder_of;
using parley::layering::offences;

const fs::path root{PARLEY_SOURCE_DIR};

bool is_ours(const fs::path& folder) {
    const auto name = folder.filename().string();
    return !name.starts_with('.') && !name.starts_with("build") && name != "node_modules" && name != "data";
}

/// Every C++ file of the project, relative to its root.
std::vector<std::string> files_of_the_tree() {
    std::vector<std::string> files;
    for (fs::recursive_directory_iterator at{root}, end; at != end; ++at) {
        if (at->is_directory()) {
            if (!is_ours(at->path())) at.disable_recursion_pending();
            continue;
        }
        const auto extension = at->path().extension();
        if (extension == ".cpp" || extension == ".hpp")
            files.push_back(fs::relative(at->path(), root).string());
    }
    return files;
}

std::string text_of(const std::string& path) {
    std::ifstream file{root / path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

bool offends(const char* path, const char* text) {
    return offences(path, text).size() == 1;
}

}  // namespace

TEST_CASE("every include of the tree is open to its folder") {
    const auto files = files_of_the_tree();
    REQUIRE(files.size() > 20);
    for (const auto& path : files) {
        for (const auto& offence : offences(path, text_of(path)))
            FAIL_CHECK(offence);
    }
}

TEST_CASE("a lower room of the house does not know the upper ones") {
    CHECK(offends("shared/base/ids.hpp", "#include \"shared/wire/frames.hpp\"\n"));
    CHECK(offends("shared/wire/codec.cpp", "#include \"shared/room/timeline.hpp\"\n"));
    CHECK(offends("shared/client/client.cpp", "#include \"server/hub/hub.hpp\"\n"));
    CHECK(offends("server/hub/hub.cpp", "#include \"shared/client/client.hpp\"\n"));
    CHECK(offends("server/hub/hub.cpp", "#include \"server/store/sqlite_store.hpp\"\n"));
    CHECK(offends("server/hub/hub.cpp", "#include \"server/ops/crash_points.hpp\"\n"));
    CHECK(offends("server/api/rooms.cpp", "#include \"server/net/listener.hpp\"\n"));
    CHECK(offends("server/app.cpp", "#include \"tests/support/catch.hpp\"\n"));
    CHECK(offends("wasm-client/exports.cpp", "#include \"server/hub/hub.hpp\"\n"));
}

TEST_CASE("the open ways are open") {
    CHECK(offences("shared/room/timeline.cpp", "#include \"shared/wire/frames.hpp\"\n").empty());
    CHECK(offences("server/hub/hub.hpp", "#include \"server/backbone/backbone.hpp\"\n").empty());
    CHECK(offences("server/net/listener.cpp", "#include \"server/hub/hub.hpp\"\n").empty());
    CHECK(offences("server/app.cpp", "#include \"server/store/sqlite_store.hpp\"\n").empty());
    CHECK(offences("tests/headless/a.cpp", "#include \"server/net/websocket_frames.hpp\"\n").empty());
}

TEST_CASE("libraries stay where they belong") {
    CHECK(offends("server/hub/hub.hpp", "#include <boost/asio.hpp>\n"));
    CHECK(offends("shared/room/timeline.hpp", "#include <flatbuffers/flatbuffers.h>\n"));
    CHECK(offends("server/net/listener.hpp", "#  include <boost/beast/http.hpp>\n"));
    CHECK(offends("server/store/sqlite_store.hpp", "#include <sqlite3.h>\n"));
    CHECK(offences("server/net/listener.cpp", "#include <boost/beast/http.hpp>\n").empty());
    CHECK(offences("server/store/sqlite_store.cpp", "#include <sqlite3.h>\n").empty());
}

TEST_CASE("the pure folders take time, chance and threads from nowhere") {
    CHECK(offends("shared/client/client.cpp", "auto now = std::chrono::steady_clock::now();\n"));
    CHECK(offends("server/hub/hub.cpp", "std::random_device chance;\n"));
    CHECK(offends("server/hub/hub.cpp", "#include <mutex>\n"));
    CHECK(offends("shared/base/time.hpp", "#include <unistd.h>\n"));
    CHECK(offends("shared/base/a.cpp", "auto home = getenv(\"HOME\");\n"));
    CHECK(offences("shared/base/time.hpp", "// what steady_clock::now gives\n").empty());
    CHECK(offences("server/backbone/log.cpp", "std::mutex mutex_;\n").empty());
}

TEST_CASE("a folder that nobody knows is refused") {
    CHECK(folder_of("shared/base/ids.hpp") == "shared/base");
    CHECK(folder_of("server/main.cpp") == "server");
    CHECK(folder_of("server/extras/a.cpp").empty());
    CHECK(folder_of("shared/a.cpp").empty());
    CHECK(offends("gadgets/a.cpp", "int main() {}\n"));
    CHECK(offends("shared/base/ids.hpp", "#include \"random.hpp\"\n"));
}
