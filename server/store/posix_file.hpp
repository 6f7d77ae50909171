#pragma once

#include <cstdint>
#include <filesystem>

/// What files need beyond std::filesystem. What fails throws std::runtime_error with a line for people.
namespace parley::posix {

/// A folder that one process holds at a time, by a lock on a file in it. Given up with the object, or with
/// the process.
class folder_lock {
public:
    /// Makes the folder, for this user alone, if only its parent exists. Throws if it is missing, can't be
    /// written or is held.
    explicit folder_lock(const std::filesystem::path& folder);
    ~folder_lock();
    folder_lock(const folder_lock&) = delete;
    folder_lock& operator=(const folder_lock&) = delete;

private:
    int file_ = -1;
};

/// Readable and writable by this user alone.
void make_private(const std::filesystem::path& file);

/// The file's bytes, then its new name, are on the disk when this returns. Replaces what stood there.
void move_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// What this user may still write there; the largest number if the system does not say.
[[nodiscard]] std::uint64_t free_bytes(const std::filesystem::path& folder);

}  // namespace parley::posix
