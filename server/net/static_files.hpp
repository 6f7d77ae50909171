#pragma once

#include "server/net/api_port.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace parley {

/// The shell's files, read into memory once. `x.gz` beside `x` is its compressed form; where there is none,
/// one is made. What lies in `assets/` carries a hash in its name and never changes; everything else is asked
/// for again each time.
class static_files {
public:
    static_files() = default;

    /// Throws `std::runtime_error` where a file can't be read. A folder that is not there holds no files.
    explicit static_files(const std::filesystem::path& folder);

    /// A file that lies in no folder.
    void put(const std::string& path, std::string content_type, std::string text);

    [[nodiscard]] bool empty() const { return files_.empty(); }

    /// Whether a file is there for this path; "/" is the index.
    [[nodiscard]] bool holds(const std::string& path) const { return files_.contains(path); }

    /// To a GET or HEAD of a path that it holds. The length of a HEAD's answer is told, its body is not sent.
    [[nodiscard]] http_response answer(const http_request& request) const;

private:
    struct file {
        std::string content_type;
        std::string plain;
        std::string gzipped;  ///< empty where it would be no smaller
        std::string tag;
        bool immutable = false;
    };

    void keep(const std::string& path, file given);

    std::map<std::string, file> files_;
};

}  // namespace parley
