#pragma once

#include "server/store/sqlite_store.hpp"
#include "tests/disk/faults.hpp"
#include "tests/support/store_child.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace parley::testing {

/// So that a short life meets both kinds of checkpoints.
[[nodiscard]] sqlite_options small_store(const std::filesystem::path& folder);

/// Opens the store ("open"), writes batches and tells the head after each that was acknowledged, then "done";
/// or "refused: " and why.
void live_store_life(const std::filesystem::path& folder, const store_child::teller& tell);

/// What a process of its own told and how it ended.
struct store_life {
    std::uint64_t acknowledged = 1;  ///< the head; 1 is the room itself
    std::string last;                ///< what it told last
    int ended_with = 0;
};

[[nodiscard]] store_life hear_of(store_child& child);

/// What is wrong with a store that is opened when all is well again; empty if nothing is.
[[nodiscard]] std::string flaw_of_store(const std::filesystem::path& folder, std::uint64_t acknowledged);

/// How far apart the calls are that fail; PARLEY_FAULT_STRIDE=1 asks for every one.
[[nodiscard]] std::uint32_t fault_stride();

/// Has the first call fail, then later ones, as long as `run(fault)` says that there was one. Gives their
/// number.
template <class Run>
std::uint32_t for_each_call(disk_fault fault, Run run) {
    std::uint32_t runs = 0;
    for (fault.first = 1; run(fault); fault.first += fault.first < 10 ? 1 : fault_stride())
        ++runs;
    return runs;
}

}  // namespace parley::testing
