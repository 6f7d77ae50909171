#include "server/store/posix_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace parley::posix {

namespace {

[[noreturn]] void complain(const std::filesystem::path& about, const std::string& what) {
    throw std::runtime_error{about.string() + ": " + what};
}

/// What can't be done, why, and what helps.
[[noreturn]] void complain(const std::filesystem::path& about, const std::string& what, int code) {
    std::string remedy;
    switch (code) {
    case ENOSPC:
    case EDQUOT: remedy = ": free some space, then start again"; break;
    case EROFS:
    case EACCES:
    case EPERM: remedy = ": give this user the right to write there, or choose another with --data"; break;
    default: break;
    }
    complain(about, what + " (" + std::strerror(code) + ")" + remedy);
}

class descriptor {
public:
    descriptor(const std::filesystem::path& file, int flags)
        : number_(::open(file.c_str(), flags | O_CLOEXEC)) {}

    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

void sync(const std::filesystem::path& file, int flags) {
    const descriptor open{file, flags};
    if (open.number() < 0 || ::fsync(open.number()) != 0) complain(file, "can't be written to disk", errno);
}

void require_folder(const std::filesystem::path& folder) {
    struct stat seen {};

    if (::stat(folder.c_str(), &seen) == 0) {
        if (!S_ISDIR(seen.st_mode)) complain(folder, "is no folder: choose another with --data");
        return;
    }
    if (::mkdir(folder.c_str(), 0700) == 0) return;
    if (errno == ENOENT)
        complain(folder,
                 "can't be made, the folder above it is missing: make that one, or choose another with "
                 "--data");
    complain(folder, "can't be made", errno);
}

}  // namespace

folder_lock::folder_lock(const std::filesystem::path& folder) {
    require_folder(folder);
    const auto path = folder / "parley.lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) complain(folder, "can't be written", errno);
    if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
    const int code = errno;
    ::close(file_);
    if (code == EWOULDBLOCK)
        complain(path, "another parleyd uses this folder: stop it, or choose another with --data");
    complain(path, "can't be locked", code);
}

folder_lock::~folder_lock() {
    ::close(file_);
}

void make_private(const std::filesystem::path& file) {
    if (::chmod(file.c_str(), 0600) != 0) complain(file, "can't be made private", errno);
}

void move_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
    sync(from, O_RDONLY);
    if (::rename(from.c_str(), to.c_str()) != 0) complain(to, "can't be put in place", errno);
    const auto folder = to.parent_path();
    sync(folder.empty() ? std::filesystem::path{"."} : folder, O_RDONLY | O_DIRECTORY);
}

std::uint64_t free_bytes(const std::filesystem::path& folder) {
    struct statvfs seen {};

    if (::statvfs(folder.c_str(), &seen) != 0) return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(seen.f_bavail) * seen.f_frsize;
}

}  // namespace parley::posix
