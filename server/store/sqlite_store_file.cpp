#include "server/store/sqlite_store_file.hpp"

#include "server/ops/crash_points.hpp"
#include "server/store/sqlite_accounts.hpp"
#include "server/store/sqlite_schema.hpp"

#include <algorithm>
#include <charconv>

namespace parley {

namespace {

constexpr std::int64_t page_bytes = 4'096;

hash_key parse_key(const std::string& hex) {
    hash_key key;
    const auto half = [&](std::size_t from, std::uint64_t& into) {
        const char* begin = hex.data() + from;
        return std::from_chars(begin, begin + 16, into, 16).ptr == begin + 16;
    };
    if (hex.size() != 32 || !half(0, key.k0) || !half(16, key.k1))
        throw sqlite::failure{sqlite::trouble::damage, "it has no payload key"};
    return key;
}

/// Nothing in the file counts as committed before the log is carried over whole: only then is it known that
/// what is read now is on the disk.
sqlite::database open_writer(const std::filesystem::path& path) {
    try {
        if (std::filesystem::exists(path))
            sqlite::check_file(path);
        else
            sqlite::create_file(path);
        sqlite::database db{path, sqlite::access::write};
        sqlite::prepare_writer(db);
        const auto carry_over = [&] {
            if (!db.checkpoint(sqlite::database::checkpoint_kind::truncate))
                throw sqlite::failure{sqlite::trouble::busy, "its log can't be carried over"};
        };
        PARLEY_CRASH_POINT(file_opened);
        carry_over();
        if (sqlite::version_of(db) < sqlite::newest_version()) {
            sqlite::migrate(db);
            carry_over();
        }
        return db;
    } catch (const sqlite::failure& why) {
        throw std::runtime_error{sqlite::explain(why, path)};
    } catch (const std::filesystem::filesystem_error& why) {
        throw std::runtime_error{path.string() + ": " + why.code().message() +
                                 ": look at the folder and its rights, or choose another with --data"};
    }
}

}  // namespace

sqlite_store::file::file(sqlite_options with)
    : options(std::move(with)),
      path(options.folder / "parley.db"),
      held(options.folder),
      writer(open_writer(path)),
      readers(path, options.readers, options.read_time) {
    try {
        payload_key = parse_key(sqlite::meta_value(writer, "payload_key").value_or(""));
    } catch (const sqlite::failure& why) {
        throw std::runtime_error{sqlite::explain(why, path)};
    }
}

void sqlite_store::file::note(const sqlite::failure& why) {
    if (why.kind() != sqlite::trouble::damage) return;
    const std::lock_guard guard{damage_mutex};
    damage = sqlite::explain(why, path);
}

std::string sqlite_store::file::damage_seen() {
    const std::lock_guard guard{damage_mutex};
    return damage;
}

tl::unexpected<error> sqlite_store::file::unavailable(const sqlite::failure& why) {
    note(why);
    return fail(errc::unavailable, why.what());
}

commit_outcome sqlite_store::file::failed(const sqlite::failure& why) {
    using kind = commit_outcome::kind;
    note(why);
    switch (why.kind()) {
    case sqlite::trouble::row: return {kind::row_refused, {}, why.what()};
    case sqlite::trouble::damage: return {kind::damaged, {}, sqlite::explain(why, path)};
    default: return {kind::failed, {}, why.what()};
    }
}

void sqlite_store::file::keep_log_short() {
    const auto pages = writer.log_pages();
    if (pages < carried_pages) carried_pages = 0;  // it began anew
    if (static_cast<std::uint64_t>((pages - carried_pages) * page_bytes) < options.checkpoint_bytes) return;
    carried_pages = pages;
    try {
        carry_over();
    } catch (const sqlite::failure& why) {
        note(why);
    }
}

void sqlite_store::file::carry_over() {
    using sort = sqlite::database::checkpoint_kind;
    if (static_cast<std::uint64_t>(writer.log_pages() * page_bytes) < options.truncate_bytes) {
        writer.checkpoint(sort::passive);
        return;
    }
    const sqlite::reader_pool::pause quiet{readers};
    // A backup in another process may read for long: then the log goes on growing, and this is tried again.
    writer.set_busy_timeout(std::chrono::milliseconds{50});
    const bool emptied = writer.checkpoint(sort::truncate);
    writer.set_busy_timeout(sqlite::patience);
    if (emptied) carried_pages = 0;
}

void sqlite_store::file::rest() {
    const std::lock_guard guard{mutex};
    const auto pages = writer.log_pages();
    if (pages == carried_pages) return;
    try {
        PARLEY_CRASH_POINT(carrying_over);
        if (writer.checkpoint(sqlite::database::checkpoint_kind::passive)) carried_pages = pages;
        PARLEY_CRASH_POINT(carried_over);
    } catch (const sqlite::failure& why) {
        note(why);
    }
}

}  // namespace parley
