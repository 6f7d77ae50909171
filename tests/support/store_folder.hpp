#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace parley::testing {

/// In memory where the system has such a place: tests that do not pull the plug need not wait for a disk.
inline std::filesystem::path quick_place() {
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

/// An empty folder that is gone when the test is.
class store_folder {
public:
    explicit store_folder(const std::filesystem::path& where = quick_place()) {
        std::string pattern = (where / "parley-store-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error{"no folder for a test"};
        path_ = pattern;
    }

    ~store_folder() {
        std::error_code none;
        std::filesystem::remove_all(path_, none);
    }

    store_folder(const store_folder&) = delete;
    store_folder& operator=(const store_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    [[nodiscard]] std::filesystem::path file() const { return path_ / "parley.db"; }

private:
    std::filesystem::path path_;
};

/// All of a file. Not of one that this process has open through SQLite: closing it would give up its locks.
inline std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace parley::testing
