#pragma once

#include "server/store/migration.hpp"
#include "server/store/sqlite_database.hpp"

#include <chrono>
#include <filesystem>
#include <span>

/// The shape of the file, and how it comes about. What is wrong throws std::runtime_error with a line for
/// people.
namespace parley::sqlite {

/// Those of server/store/migrations.
[[nodiscard]] std::span<const migration> migrations();

/// The version that this program makes and reads.
[[nodiscard]] int newest_version();

/// Makes a whole, empty store at once: a crash leaves either none or all of it.
void create_file(const std::filesystem::path& file);

/// Refuses what is damaged, another program's or written by a newer version, and touches nothing.
void check_file(const std::filesystem::path& file);

/// Brings an older file up to `upto`, in one transaction.
void migrate(database& db, std::span<const migration> upto = migrations());

[[nodiscard]] int version_of(database& db);

/// How long a writer waits for another process's transaction.
inline constexpr std::chrono::milliseconds patience{5'000};

/// Pragmas of every connection that writes: nothing is acknowledged before it is on the disk.
void prepare_writer(database& db);

}  // namespace parley::sqlite
