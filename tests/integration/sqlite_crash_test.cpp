#include "server/store/sqlite_store.hpp"
#include "shared/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_child.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/support/store_log.hpp"

#include <cstdlib>
#include <filesystem>

using namespace parley;
using namespace parley::testing;

namespace {

/// Writes batches for ever and tells the head after each that was acknowledged.
void write_on(const std::filesystem::path& folder, const store_child::teller& tell) {
    sqlite_options options{folder};
    options.checkpoint_bytes = 64 * 1024;  // so that crashes meet checkpoints too
    sqlite_store store{options};
    store_log log{store};
    for (std::uint64_t n = 0;; ++n) {
        std::vector<log_entry_ptr> events;
        for (std::uint64_t i = 0; i <= n % 7; ++i)
            events.push_back(log.say(general_room, ann, std::string(1 + n % 900, 'x')));
        const auto head = event_of(events.back()).seq;
        if (log.write(std::move(events)).what == commit_outcome::kind::committed) tell(std::to_string(head));
    }
}

void check_log(const std::filesystem::path& folder, std::uint64_t acknowledged) {
    sqlite_store store{sqlite_options{folder}};
    CHECK(flaw_of_log(store, acknowledged).empty());
}

}  // namespace

TEST_CASE("what was acknowledged survives kill -9, again and again") {
    store_folder folder{std::filesystem::temp_directory_path()};
    random_source chance{20261121};
    std::uint64_t acknowledged = 0;
    for (int round = 0; round < 12; ++round) {
        store_child writer{[&](const auto& tell) { write_on(folder.path(), tell); }};
        for (auto more = 1 + chance.below(60); more > 0; --more)
            acknowledged = std::stoull(writer.next());
        writer.kill();
        check_log(folder.path(), acknowledged);
    }
}

TEST_CASE("a copy of the files as they lie under a running store holds what was acknowledged") {
    store_folder folder, copies;
    store_child writer{[&](const auto& tell) { write_on(folder.path(), tell); }};
    for (int round = 0; round < 5; ++round) {
        std::uint64_t acknowledged = 0;
        for (int i = 0; i < 20; ++i)
            acknowledged = std::stoull(writer.next());
        // The file before its log: what a checkpoint carries over between the two stands in both.
        const auto copy = copies.path() / std::to_string(round);
        std::filesystem::create_directory(copy);
        store_child copier{[&](const auto& tell) {
            ::kill(writer.process(), SIGSTOP);
            for (const char* name : {"parley.db", "parley.db-wal"})
                std::filesystem::copy_file(folder.path() / name, copy / name);
            ::kill(writer.process(), SIGCONT);
            tell("copied");
        }};
        REQUIRE(copier.next() == "copied");
        check_log(copy, acknowledged);
    }
}

TEST_CASE("a restart keeps everything and begins a later epoch") {
    store_folder folder;
    std::uint64_t first = 0;
    {
        sqlite_store store{sqlite_options{folder.path()}};
        store_log log{store};
        first = log.epoch();
        log.write({log.join(general_room, ann), log.say(general_room, ann, "kept")},
                  {{ann.id, general_room, 3}});
        std::ignore = store.create_user({ann.id, ann.name, "hash", user_role::member, false, 1}, {}, 1);
    }
    // Closed in order: nothing is left beside the file.
    CHECK_FALSE(std::filesystem::exists(folder.path() / "parley.db-wal"));

    sqlite_store store{sqlite_options{folder.path()}};
    store_log log{store, 5};
    CHECK(log.epoch() > first);
    const auto loaded = store.load_room(general_room).value();
    CHECK(loaded.head == 3);
    CHECK(loaded.members.size() == 1);
    CHECK(loaded.recent.back().text == "kept");
    CHECK(loaded.recent.back().epoch == first);
    CHECK(store.rooms_of(ann.id)->at(0).read == 3);
    CHECK(store.find_user("ann").value()->role == user_role::owner);
}
