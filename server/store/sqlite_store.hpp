#pragma once

#include "server/store/sql_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace parley {

namespace sqlite {
struct file;
}

struct sqlite_options {
    std::filesystem::path folder;
    std::uint64_t keep_free_bytes = 256 * 1024 * 1024;  ///< with less free, `refusal` says so
    std::size_t readers = 4;
    std::chrono::milliseconds read_time{2'000};        ///< a read that takes longer is interrupted
    std::uint64_t checkpoint_bytes = 4 * 1024 * 1024;  ///< the log is carried into the file beyond
    std::uint64_t truncate_bytes = 64 * 1024 * 1024;   ///< beyond, reads wait until the log is empty again
};

/// Both stores in one SQLite file, `parley.db` in a folder that one server holds at a time.
///
/// What `commit` acknowledged is on the disk. One connection writes; readers have their own and never wait
/// for it. `reset-password`, `disable-user` and `backup` may write and read beside it from other processes
/// (`sqlite_tools.hpp`).
class sqlite_store : public sql_store<sqlite::file> {
public:
    /// Makes folder and file if they are missing, brings an older file up to date. Throws std::runtime_error
    /// with one line that names the path and the remedy; a file that is damaged or newer is not touched.
    explicit sqlite_store(sqlite_options options);
};

extern template class sql_store<sqlite::file>;

}  // namespace parley
