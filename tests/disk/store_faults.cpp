#include "tests/disk/faulty_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_folder.hpp"

#include <csignal>
#include <iostream>

/// The n-th call fails, for every n that there is: on the database and on its log, while the store runs and
/// while it starts, alone and with a crash right after.
namespace parley::testing {
namespace {

namespace fs = std::filesystem;

constexpr int killed_by_us = 128 + SIGKILL;

std::vector<disk_fault> all_faults() {
    using call = disk_call;
    std::vector<disk_fault> all;
    for (const auto file : {disk_file::database, disk_file::log}) {
        for (const auto then : {aftermath::goes_on, aftermath::killed, aftermath::power_cut}) {
            all.push_back({call::write, file, 1, 1, EIO, false, false, then});
            all.push_back({call::write, file, 1, 1, EIO, true, false, then});
            all.push_back({call::write, file, 1, 3, ENOSPC, true, false, then});
            all.push_back({call::sync, file, 1, 1, EIO, false, false, then});
            all.push_back({call::sync, file, 1, 2, EIO, false, true, then});
            all.push_back({call::truncate, file, 1, 1, EIO, false, false, then});
            all.push_back({call::open, file, 1, 1, EIO, false, false, then});
            all.push_back({call::open, file, 1, 2, ENOSPC, false, false, then});
        }
        all.push_back({call::write, file, 1, 1, 0, false, false, aftermath::goes_on});
    }
    return all;
}

store_life run_with(disk_faults& faults, const disk_fault& fault, const fs::path& folder) {
    faults.disarm();
    store_child child{[&](const auto& tell) {
        attach_disk_faults(faults.file());
        live_store_life(folder, [&](const std::string& line) {
            if (line == "open") faults.arm(fault);
            tell(line);
        });
    }};
    return hear_of(child);
}

store_life start_with(disk_faults& faults, const disk_fault& fault, const fs::path& folder) {
    store_child child{[&](const auto& tell) {
        attach_disk_faults(faults.file());
        faults.arm(fault);
        sqlite_store store{small_store(folder)};
        tell("open");
    }};
    return hear_of(child);
}

/// What a crash leaves: a log that is not carried over. Gives the head that was acknowledged.
std::uint64_t leave_crashed(const fs::path& folder) {
    constexpr std::uint64_t far = 46;
    store_child child{[&](const auto& tell) { live_store_life(folder, tell); }};
    while (child.next() != std::to_string(far)) {
    }
    child.kill();
    return far;
}

}  // namespace

TEST_CASE("a store whose n-th call to the disk fails loses nothing that it acknowledged, for every n") {
    disk_faults faults;
    std::uint32_t runs = 0;
    for (const auto& kind : all_faults()) {
        runs += for_each_call(kind, [&](const disk_fault& fault) {
            INFO(describe(fault));
            const store_folder folder;
            const auto life = run_with(faults, fault, folder.path());
            const bool crashed = faults.given() > 0 && fault.then != aftermath::goes_on;
            REQUIRE(life.ended_with == (crashed ? killed_by_us : 0));
            REQUIRE((crashed || life.last == "done"));
            REQUIRE(flaw_of_store(folder.path(), life.acknowledged) == "");
            return faults.given() > 0;
        });
    }
    std::cout << runs << " faults in a running store\n";
}

TEST_CASE("a store whose n-th call to the disk fails at its start says so, and starts when all is well") {
    const store_folder before;
    const auto acknowledged = GENERATE(false, true) ? leave_crashed(before.path()) : 1;
    disk_faults faults;
    std::uint32_t runs = 0;
    for (const auto& kind : all_faults()) {
        runs += for_each_call(kind, [&](const disk_fault& fault) {
            INFO(describe(fault));
            const store_folder folder;
            fs::copy(before.path(), folder.path(), fs::copy_options::recursive);
            const auto life = start_with(faults, fault, folder.path());
            const bool crashed = faults.given() > 0 && fault.then != aftermath::goes_on;
            REQUIRE(life.ended_with == (crashed ? killed_by_us : 0));
            if (!crashed && life.last != "open") {
                CAPTURE(life.last);
                CHECK(life.last.find(folder.path().string()) != life.last.npos);
                CHECK(life.last.find("damaged") == life.last.npos);
            }
            REQUIRE(flaw_of_store(folder.path(), acknowledged) == "");
            return faults.given() > 0;
        });
    }
    std::cout << runs << " faults in a starting store\n";
}

TEST_CASE("a file that can't be read is taken for damaged, and is as good as it was once it can be read") {
    disk_faults faults;
    const auto file = GENERATE(disk_file::database, disk_file::log);
    for_each_call({disk_call::read, file}, [&](const disk_fault& fault) {
        INFO(describe(fault));
        const store_folder folder;
        const auto life = run_with(faults, fault, folder.path());
        CHECK((life.last == "done" || life.last.find("damaged") != life.last.npos));
        CHECK(flaw_of_store(folder.path(), life.acknowledged) == "");
        return faults.given() > 0;
    });
}

}  // namespace parley::testing
