#include "server/store/sqlite_store_file.hpp"

#include "server/ops/crash_points.hpp"
#include "server/store/payload_key.hpp"
#include "server/store/sql_accounts.hpp"
#include "server/store/sqlite_commit.hpp"
#include "server/store/sqlite_schema.hpp"

#include <algorithm>

namespace parley {

sqlite_store::sqlite_store(sqlite_options options)
    : sql_store(std::make_unique<sqlite::file>(std::move(options))) {}

namespace sqlite {

namespace {

constexpr std::int64_t page_bytes = 4'096;

/// Nothing in the file counts as committed before the log is carried over whole: only then is it known that
/// what is read now is on the disk.
database open_writer(const std::filesystem::path& path) {
    try {
        if (std::filesystem::exists(path))
            check_file(path);
        else
            create_file(path);
        database db{path, access::write};
        prepare_writer(db);
        const auto carry_over = [&] {
            if (!db.checkpoint(database::checkpoint_kind::truncate))
                throw failure{trouble::busy, "its log can't be carried over"};
        };
        PARLEY_CRASH_POINT(file_opened);
        carry_over();
        if (version_of(db) < newest_version()) {
            migrate(db);
            carry_over();
        }
        return db;
    } catch (const failure& why) {
        throw std::runtime_error{explain(why, path)};
    } catch (const std::filesystem::filesystem_error& why) {
        throw std::runtime_error{path.string() + ": " + why.code().message() +
                                 ": look at the folder and its rights, or choose another with --data"};
    }
}

}  // namespace

file::file(sqlite_options with)
    : options(std::move(with)),
      path(options.folder / "parley.db"),
      held(options.folder),
      writer(open_writer(path)),
      readers(path, options.readers, options.read_time) {
    try {
        const auto key = parse_payload_key(sql::meta_value(writer, "payload_key").value_or(""));
        if (!key) throw failure{trouble::damage, "it has no payload key"};
        payload_key = *key;
    } catch (const failure& why) {
        throw std::runtime_error{explain(why, path)};
    }
}

void file::note(const failure& why) {
    if (why.kind() != trouble::damage) return;
    const std::lock_guard guard{damage_mutex};
    damage = explain(why, path);
}

std::string file::damage_seen() {
    const std::lock_guard guard{damage_mutex};
    return damage;
}

tl::unexpected<error> file::unavailable(const failure& why) {
    note(why);
    return fail(errc::unavailable, why.what());
}

std::optional<std::string> file::refusal() const {
    if (posix::free_bytes(options.folder) >= options.keep_free_bytes) return std::nullopt;
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    return "less than " + std::to_string(options.keep_free_bytes / mebibyte) + " MiB are free in " +
           options.folder.string();
}

result<std::uint64_t> file::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    return write(
        [&](database& db) -> result<std::uint64_t> { return sqlite::raise_epoch(db, wall_ms, chance); });
}

commit_outcome file::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    using kind = commit_outcome::kind;
    if (auto found = damage_seen(); !found.empty()) return {kind::damaged, {}, std::move(found)};
    const std::lock_guard lock{mutex};
    commit_outcome out;
    try {
        transaction whole{writer, transaction::kind::writing};
        auto voids = batch_writer{writer, voided}.write(batch);
        if (!voids) return {kind::superseded, {}, "another epoch is in force"};
        PARLEY_CRASH_POINT(batch_written);
        whole.commit();
        PARLEY_CRASH_POINT(committed);
        out = {kind::committed, std::move(*voids), {}};
    } catch (const failure& why) {
        return failed(why);
    }
    keep_log_short();
    return out;
}

commit_outcome file::failed(const failure& why) {
    using kind = commit_outcome::kind;
    note(why);
    switch (why.kind()) {
    case trouble::row: return {kind::row_refused, {}, why.what()};
    case trouble::damage: return {kind::damaged, {}, explain(why, path)};
    default: return {kind::failed, {}, why.what()};
    }
}

void file::keep_log_short() {
    const auto pages = writer.log_pages();
    if (pages < carried_pages) carried_pages = 0;  // it began anew
    if (static_cast<std::uint64_t>((pages - carried_pages) * page_bytes) < options.checkpoint_bytes) return;
    carried_pages = pages;
    try {
        carry_over();
    } catch (const failure& why) {
        note(why);
    }
}

void file::carry_over() {
    using sort = database::checkpoint_kind;
    if (static_cast<std::uint64_t>(writer.log_pages() * page_bytes) < options.truncate_bytes) {
        writer.checkpoint(sort::passive);
        return;
    }
    const reader_pool::pause quiet{readers};
    // A backup in another process may read for long: then the log goes on growing, and this is tried again.
    writer.set_busy_timeout(std::chrono::milliseconds{50});
    const bool emptied = writer.checkpoint(sort::truncate);
    writer.set_busy_timeout(patience);
    if (emptied) carried_pages = 0;
}

void file::rest() {
    const std::lock_guard guard{mutex};
    const auto pages = writer.log_pages();
    if (pages == carried_pages) return;
    try {
        PARLEY_CRASH_POINT(carrying_over);
        if (writer.checkpoint(database::checkpoint_kind::passive)) carried_pages = pages;
        PARLEY_CRASH_POINT(carried_over);
    } catch (const failure& why) {
        note(why);
    }
}

}  // namespace sqlite

}  // namespace parley
