#include "tests/disk/faults.hpp"

#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

/// Stands between a process and the kernel for the files of its database, and for nothing else. It remembers
/// what was written since the last sync, so that it can take it back as a disk does that lost its power.
namespace parley::testing {
namespace {

namespace kernel {

int open(const char* path, int flags, mode_t mode) {
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

ssize_t pread(int fd, void* into, std::size_t size, off64_t at) {
    return ::syscall(SYS_pread64, fd, into, size, at);
}

ssize_t pwrite(int fd, const void* from, std::size_t size, off64_t at) {
    return ::syscall(SYS_pwrite64, fd, from, size, at);
}

int truncate(int fd, off64_t size) {
    return static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}

}  // namespace kernel

off64_t size_of(int fd) {
    struct stat64 seen {};

    return ::fstat64(fd, &seen) == 0 ? seen.st_size : 0;
}

/// One file, and how to get back to what is synced of it.
class synced_file {
public:
    synced_file(int fd, disk_file kind)
        : kind_(kind),
          own_(kernel::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDWR, 0)),
          synced_size_(size_of(own_)) {}

    // `own_` is never closed: that would give up the locks that the process has on the file.

    [[nodiscard]] disk_file kind() const { return kind_; }

    [[nodiscard]] bool deleted() const {
        struct stat64 seen {};

        return ::fstat64(own_, &seen) != 0 || seen.st_nlink == 0;
    }

    /// To be called before these bytes are overwritten or cut off.
    void remember(off64_t at, std::size_t size) {
        std::vector<char> bytes(size);
        const auto got = kernel::pread(own_, bytes.data(), size, at);
        bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        if (!bytes.empty()) before_.emplace_back(at, std::move(bytes));
    }

    void remember_tail(off64_t size) {
        const auto now = size_of(own_);
        if (size < now) remember(size, static_cast<std::size_t>(now - size));
    }

    void synced() {
        before_.clear();
        synced_size_ = size_of(own_);
    }

    void drop_unsynced() {
        for (auto change = before_.rbegin(); change != before_.rend(); ++change)
            kernel::pwrite(own_, change->second.data(), change->second.size(), change->first);
        kernel::truncate(own_, synced_size_);
        before_.clear();
    }

private:
    disk_file kind_;
    int own_;
    off64_t synced_size_;
    std::vector<std::pair<off64_t, std::vector<char>>> before_;
};

std::optional<disk_file> kind_of(std::string_view path) {
    const auto name = path.substr(path.rfind('/') + 1);
    if (name == "parley.db" || name == "parley.db.new") return disk_file::database;
    if (name == "parley.db-wal" || name == "parley.db.new-wal" || name == "parley.db-journal" ||
        name == "parley.db.new-journal")
        return disk_file::log;
    return {};
}

class disk {
public:
    disk() {
        if (const char* file = std::getenv(disk_faults_variable)) attach(file);
    }

    void attach(const char* file) {
        const int fd = kernel::open(file, O_RDWR | O_CLOEXEC, 0);
        void* at = ::mmap(nullptr, sizeof(disk_faults_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED) std::abort();
        state_ = static_cast<disk_faults_state*>(at);
    }

    [[nodiscard]] bool attached() const { return state_ != nullptr; }

    int open(const char* path, int flags, mode_t mode) {
        const auto kind = kind_of(path);
        if (!kind) return kernel::open(path, flags, mode);
        const std::lock_guard lock{mutex_};
        if (const auto* fault = due(disk_call::open, *kind)) return fail(*fault);
        const int fd = kernel::open(path, flags, mode);
        if (fd >= 0) follow(fd, *kind);
        return fd;
    }

    void close(int fd) {
        const std::lock_guard lock{mutex_};
        open_.erase(fd);
    }

    /// Nothing: it is no file of the database.
    std::optional<ssize_t> read(int fd) {
        const std::lock_guard lock{mutex_};
        const auto* file = find(fd);
        const auto* fault = file ? due(disk_call::read, file->kind()) : nullptr;
        if (!fault) return {};
        return fail(*fault);
    }

    std::optional<ssize_t> write(int fd, const void* from, std::size_t size, off64_t at) {
        const std::lock_guard lock{mutex_};
        auto* file = find(fd);
        if (!file) return {};
        file->remember(at, size);
        const auto* fault = due(disk_call::write, file->kind());
        if (!fault) return kernel::pwrite(fd, from, size, at);
        if (!fault->torn && fault->error != 0) return fail(*fault);
        const auto half = kernel::pwrite(fd, from, size / 2, at);
        const int failed = fail(*fault);
        return fault->error == 0 ? half : failed;
    }

    std::optional<int> truncate(int fd, off64_t size) {
        const std::lock_guard lock{mutex_};
        auto* file = find(fd);
        if (!file) return {};
        if (const auto* fault = due(disk_call::truncate, file->kind())) return fail(*fault);
        file->remember_tail(size);
        return kernel::truncate(fd, size);
    }

    /// What is synced here is so by our word: the kernel need not wait for a disk.
    std::optional<int> sync(int fd) {
        const std::lock_guard lock{mutex_};
        auto* file = find(fd);
        if (!file) return {};
        if (const auto* fault = due(disk_call::sync, file->kind())) {
            if (fault->dropped) file->drop_unsynced();
            return fail(*fault);
        }
        file->synced();
        return 0;
    }

private:
    using identity = std::pair<dev_t, ino_t>;

    void follow(int fd, disk_file kind) {
        struct stat64 seen {};

        ::fstat64(fd, &seen);
        auto& file = files_[{seen.st_dev, seen.st_ino}];
        if (!file || file->deleted()) file = std::make_shared<synced_file>(fd, kind);
        open_[fd] = file;
    }

    synced_file* find(int fd) {
        const auto found = open_.find(fd);
        return found == open_.end() ? nullptr : found->second.get();
    }

    const disk_fault* due(disk_call call, disk_file kind) {
        if (!state_->armed) return nullptr;
        const auto& fault = state_->fault;
        if (fault.call != call || fault.file != kind) return nullptr;
        const auto passed = ++state_->passed;
        return passed >= fault.first && passed - fault.first < fault.times ? &fault : nullptr;
    }

    int fail(const disk_fault& fault) {
        ++state_->given;
        if (fault.then == aftermath::power_cut) {
            for (auto& [id, file] : files_)
                file->drop_unsynced();
        }
        if (fault.then != aftermath::goes_on) ::kill(::getpid(), SIGKILL);
        errno = fault.error;
        return -1;
    }

    disk_faults_state* state_ = nullptr;
    std::mutex mutex_;
    std::map<identity, std::shared_ptr<synced_file>> files_;
    std::map<int, std::shared_ptr<synced_file>> open_;
};

/// Never destroyed: files are written until the very end.
disk& the_disk() {
    static auto* const made = new disk;
    return *made;
}

/// Null where nobody has asked for faults.
disk* attached() {
    return the_disk().attached() ? &the_disk() : nullptr;
}

int open_through(const char* path, int flags, mode_t mode) {
    if (auto* on = attached()) return on->open(path, flags, mode);
    return kernel::open(path, flags, mode);
}

ssize_t read_through(int fd, void* into, std::size_t size, off64_t at) {
    auto* on = attached();
    const auto failed = on ? on->read(fd) : std::nullopt;
    return failed ? *failed : kernel::pread(fd, into, size, at);
}

ssize_t write_through(int fd, const void* from, std::size_t size, off64_t at) {
    auto* on = attached();
    const auto done = on ? on->write(fd, from, size, at) : std::nullopt;
    return done ? *done : kernel::pwrite(fd, from, size, at);
}

int truncate_through(int fd, off64_t size) {
    auto* on = attached();
    const auto done = on ? on->truncate(fd, size) : std::nullopt;
    return done ? *done : kernel::truncate(fd, size);
}

int sync_through(int fd, long call) {
    auto* on = attached();
    const auto done = on ? on->sync(fd) : std::nullopt;
    return done ? *done : static_cast<int>(::syscall(call, fd));
}

}  // namespace

void attach_disk_faults(const std::filesystem::path& file) {
    the_disk().attach(file.c_str());
}

}  // namespace parley::testing

// In the place of the C library's. SQLite uses no others on its database and its log.
extern "C" {

using namespace parley::testing;

int open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{};
    va_end(more);
    return open_through(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{};
    va_end(more);
    return open_through(path, flags, mode);
}

int close(int fd) {
    if (auto* on = attached()) on->close(fd);
    return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t pread(int fd, void* into, size_t size, off_t at) {
    return read_through(fd, into, size, at);
}

ssize_t pread64(int fd, void* into, size_t size, off64_t at) {
    return read_through(fd, into, size, at);
}

ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
    return write_through(fd, from, size, at);
}

ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) {
    return write_through(fd, from, size, at);
}

int ftruncate(int fd, off_t size) noexcept {
    return truncate_through(fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
    return truncate_through(fd, size);
}

int fsync(int fd) {
    return sync_through(fd, SYS_fsync);
}

int fdatasync(int fd) {
    return sync_through(fd, SYS_fdatasync);
}
}
