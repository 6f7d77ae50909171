#pragma once

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

/// Disks that fail, for a process whose calls `preload.cpp` stands between: a parleyd that is started with
/// `variables()`, or a child of this program that has called `attach`.
namespace parley::testing {

enum class disk_call : std::uint32_t { open, read, write, sync, truncate };
enum class disk_file : std::uint32_t {
    database,
    log,  ///< the write-ahead log, or the journal of a file that is being made
};

enum class aftermath : std::uint32_t {
    goes_on,
    killed,     ///< SIGKILL in the failing call
    power_cut,  ///< the same, and every file is what was synced of it
};

/// The `first` call of this kind after `arm` fails, and the next ones until `times` have.
struct disk_fault {
    disk_call call = disk_call::write;
    disk_file file = disk_file::log;
    std::uint32_t first = 1;
    std::uint32_t times = 1;
    int error = EIO;       ///< 0: a write takes half of its bytes and says so
    bool torn = false;     ///< half of a failing write is written all the same
    bool dropped = false;  ///< what a failing sync did not sync is gone
    aftermath then = aftermath::goes_on;
};

/// What the two processes share.
struct disk_faults_state {
    std::atomic<bool> armed = false;
    disk_fault fault;
    std::atomic<std::uint32_t> passed = 0;  ///< calls of that kind since `arm`
    std::atomic<std::uint32_t> given = 0;   ///< faults
};

static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

inline constexpr const char* disk_faults_variable = "DISK_FAULTS";

/// From now on this process obeys that file, as `variables()` has a server do from its start.
void attach_disk_faults(const std::filesystem::path& file);

class disk_faults {
public:
    disk_faults();
    ~disk_faults();
    disk_faults(const disk_faults&) = delete;
    disk_faults& operator=(const disk_faults&) = delete;

    /// For the environment of a server.
    [[nodiscard]] std::map<std::string, std::string> variables() const;

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

    void arm(const disk_fault& fault);

    /// The cause goes away.
    void disarm() { state_->armed = false; }

    [[nodiscard]] std::uint32_t passed() const { return state_->passed; }

    [[nodiscard]] std::uint32_t given() const { return state_->given; }

private:
    std::filesystem::path file_;
    disk_faults_state* state_;
};

/// "write 17 on the log: EIO, torn, then power cut"
[[nodiscard]] std::string describe(const disk_fault& fault);

}  // namespace parley::testing
