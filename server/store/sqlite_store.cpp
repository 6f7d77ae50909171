#include "server/store/sqlite_store.hpp"

#include "server/ops/crash_points.hpp"
#include "server/store/list_keys.hpp"
#include "server/store/sqlite_commit.hpp"
#include "server/store/sqlite_lists.hpp"
#include "server/store/sqlite_rooms.hpp"
#include "server/store/sqlite_store_file.hpp"

namespace parley {

using sqlite::database;

sqlite_store::sqlite_store(sqlite_options options) : file_(std::make_unique<file>(std::move(options))) {}

sqlite_store::~sqlite_store() = default;

hash_key sqlite_store::payload_key() const {
    return file_->payload_key;
}

std::optional<std::string> sqlite_store::refusal() {
    if (posix::free_bytes(file_->options.folder) >= file_->options.keep_free_bytes) return std::nullopt;
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    return "less than " + std::to_string(file_->options.keep_free_bytes / mebibyte) + " MiB are free in " +
           file_->options.folder.string();
}

void sqlite_store::rest() {
    file_->rest();
}

result<loaded_room> sqlite_store::load_room(room_id room) {
    return file_->read([&](database& db) { return sqlite::load_room(db, room); });
}

result<loaded_page> sqlite_store::read_before(room_id room, std::uint64_t before, std::size_t limit) {
    return file_->read([&](database& db) { return sqlite::read_before(db, room, before, limit); });
}

result<loaded_page> sqlite_store::read_after(room_id room, std::uint64_t after, std::size_t limit) {
    return file_->read([&](database& db) { return sqlite::read_after(db, room, after, limit); });
}

result<found_changes> sqlite_store::find(room_id room, std::span<const change_id> changes) {
    return file_->read([&](database& db) { return sqlite::find_changes(db, room, changes); });
}

result<std::vector<wire::room>> sqlite_store::rooms_of(user_id user) {
    return file_->read([&](database& db) { return sqlite::rooms_of(db, user); });
}

result<listed_rooms> sqlite_store::list_rooms(user_id user, const std::string& key, std::size_t limit) {
    const auto after = key.empty() ? room_id{} : room_of_key(key);
    if (!after) return fail(errc::malformed, "key");
    return file_->read([&](database& db) { return sqlite::list_rooms(db, user, *after, limit); });
}

result<listed_members> sqlite_store::list_members(room_id room, const std::string& key, std::size_t limit) {
    const auto after = key.empty() ? member_key{} : member_of_key(key);
    if (!after) return fail(errc::malformed, "key");
    return file_->read([&](database& db) { return sqlite::list_members(db, room, *after, limit); });
}

result<std::uint64_t> sqlite_store::raise_epoch(std::int64_t wall_ms, std::uint64_t chance) {
    return file_->write(
        [&](database& db) -> result<std::uint64_t> { return sqlite::raise_epoch(db, wall_ms, chance); });
}

commit_outcome sqlite_store::commit(const commit_batch& batch, std::span<const settled_void> voided) {
    using kind = commit_outcome::kind;
    if (auto damage = file_->damage_seen(); !damage.empty()) return {kind::damaged, {}, std::move(damage)};
    const std::lock_guard lock{file_->mutex};
    commit_outcome out;
    try {
        sqlite::transaction whole{file_->writer, sqlite::transaction::kind::writing};
        auto voids = sqlite::batch_writer{file_->writer, voided}.write(batch);
        if (!voids) return {kind::superseded, {}, "another epoch is in force"};
        PARLEY_CRASH_POINT(batch_written);
        whole.commit();
        PARLEY_CRASH_POINT(committed);
        out = {kind::committed, std::move(*voids), {}};
    } catch (const sqlite::failure& why) {
        return file_->failed(why);
    }
    file_->keep_log_short();
    return out;
}

}  // namespace parley
