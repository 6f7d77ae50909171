#include "server/store/sqlite_schema.hpp"

#include "server/store/posix_file.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <string>

namespace parley::sqlite {

namespace {

constexpr std::uint32_t application_id = 0x50524c59;  // "PRLY"
constexpr std::uintmax_t quickly_checked_bytes = 32 * 1024 * 1024;

constexpr const char* insert_version =
    "INSERT INTO meta (key, value) VALUES ('schema_version', ?1) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value";

std::runtime_error damaged(const std::filesystem::path& file, const std::string& how) {
    return std::runtime_error{explain(failure{trouble::damage, how}, file)};
}

/// The first 100 bytes of the file (sqlite.org/fileformat2.html, 1.3), read without SQLite.
void check_header(const std::filesystem::path& file) {
    std::array<char, 100> header{};
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error{explain(failure{trouble::unwritable, std::strerror(errno)}, file)};
    if (!in.read(header.data(), header.size())) throw damaged(file, "it is too short");
    if (std::memcmp(header.data(), "SQLite format 3", 16) != 0) throw damaged(file, "it has no header");
    std::uint32_t id = 0;
    for (std::size_t i = 68; i < 72; ++i)
        id = id << 8 | static_cast<unsigned char>(header[i]);
    if (id != application_id) {
        throw std::runtime_error{file.string() +
                                 " belongs to another program: choose another folder with --data"};
    }
}

/// A server that runs always has one, even an empty one; a clean end leaves none.
bool has_log(const std::filesystem::path& file) {
    return std::filesystem::exists(file.string() + "-wal");
}

void check_version(database& db, const std::filesystem::path& file) {
    const int version = version_of(db);
    if (version < 1) throw damaged(file, "its schema has no version");
    if (version <= newest_version()) return;
    throw std::runtime_error{file.string() + " was written by a newer Parley (schema " +
                             std::to_string(version) + ", this one knows " +
                             std::to_string(newest_version()) +
                             "): start that version, or put an older backup in its place"};
}

}  // namespace

int newest_version() {
    return version_after(migrations());
}

int version_of(database& db) {
    return static_cast<int>(db.number_of("SELECT value FROM meta WHERE key = 'schema_version'"));
}

void prepare_writer(database& db) {
    db.set_busy_timeout(patience);
    db.run("PRAGMA synchronous=FULL; PRAGMA cache_size=-8192");
    if (db.text_of("PRAGMA journal_mode=WAL") != "wal")
        throw failure{trouble::other, "this file system does not support a write-ahead log"};
}

void create_file(const std::filesystem::path& file) {
    const std::filesystem::path growing = file.string() + ".new";
    for (const char* ending : {"", "-journal", "-wal", "-shm"})
        std::filesystem::remove(growing.string() + ending);
    {
        database db{growing, access::create};
        posix::make_private(growing);
        db.run("PRAGMA application_id=" + std::to_string(application_id));
        prepare_writer(db);
        migrate(db);
        if (!db.checkpoint(database::checkpoint_kind::truncate)) throw failure{trouble::busy, "in use"};
    }
    posix::move_durably(growing, file);
}

void check_file(const std::filesystem::path& file) {
    check_header(file);
    try {
        // With a log beside it the newest state is only seen through it, and somebody may be writing; without
        // one nothing need be locked or made.
        database db{file, has_log(file) ? access::read : access::read_alone};
        db.set_busy_timeout(patience);
        check_version(db, file);
        if (std::filesystem::file_size(file) > quickly_checked_bytes) return;
        if (const auto found = db.text_of("PRAGMA quick_check(1)"); found != "ok") throw damaged(file, found);
    } catch (const failure& why) {
        if (why.kind() == trouble::other) throw damaged(file, why.what());
        throw std::runtime_error{explain(why, file)};
    }
}

void migrate(database& db, std::span<const migration> upto) {
    transaction whole{db, transaction::kind::writing};
    const bool empty = db.number_of("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'") == 0;
    const int from = empty ? 0 : version_of(db);
    for (const auto& step : upto)
        if (step.number > from) db.run(step.sql);
    if (upto.back().number > from) db.change(insert_version, std::to_string(upto.back().number));
    whole.commit();
}

}  // namespace parley::sqlite
