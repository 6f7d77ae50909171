#pragma once

#include "tests/support/catch.hpp"
#include "tests/support/store_folder.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/mount.h>

namespace parley::testing {

/// A small file system of its own. `good()` is false where this user may not mount: such a test says so and
/// ends.
class store_mount {
public:
    explicit store_mount(const std::string& size) {
        const auto options = "mode=0700,size=" + size;
        mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
        if (!mounted_) WARN("skipped: no file system can be mounted here (" << std::strerror(errno) << ")");
    }

    ~store_mount() {
        if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
    }

    store_mount(const store_mount&) = delete;
    store_mount& operator=(const store_mount&) = delete;

    [[nodiscard]] bool good() const { return mounted_; }

    [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }

    /// Takes all the space that is left.
    void fill() const {
        std::ofstream out{ballast(), std::ios::binary};
        const std::string block(4096, 'x');
        while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }

    void free() const { std::filesystem::remove(ballast()); }

    [[nodiscard]] bool make_read_only() const {
        return ::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }

private:
    [[nodiscard]] std::filesystem::path ballast() const { return folder_.path() / "ballast"; }

    store_folder folder_;
    bool mounted_ = false;
};

}  // namespace parley::testing
