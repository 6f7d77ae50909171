#pragma once

#include "server/store/posix_file.hpp"
#include "server/store/sqlite_database.hpp"
#include "server/store/sqlite_readers.hpp"
#include "server/store/sqlite_store.hpp"

#include <mutex>
#include <type_traits>

namespace parley::sqlite {

/// The open file behind a `sqlite_store`: who holds it, its one writer, its readers, its write-ahead log.
struct file {
    explicit file(sqlite_options with);

    /// One snapshot, on a reader. `read(database&)` may give a value or a result.
    template <class Read>
    auto read(Read read) -> result<std::invoke_result_t<Read, database&>> {
        try {
            return readers.run(std::move(read));
        } catch (const failure& why) {
            return unavailable(why);
        }
    }

    /// One transaction, on the writer. What `write(database&)` gives as an error rolls it back.
    template <class Write>
    auto write(Write write) -> std::invoke_result_t<Write, database&> {
        const std::lock_guard lock{mutex};
        try {
            transaction whole{writer, transaction::kind::writing};
            auto answer = write(writer);
            if (answer) whole.commit();
            return answer;
        } catch (const failure& why) {
            return unavailable(why);
        }
    }

    [[nodiscard]] commit_outcome commit(const commit_batch& batch, std::span<const settled_void> voided);
    [[nodiscard]] result<std::uint64_t> raise_epoch(std::int64_t wall_ms, std::uint64_t chance);
    [[nodiscard]] std::optional<std::string> refusal() const;

    [[nodiscard]] tl::unexpected<error> unavailable(const failure& why);
    [[nodiscard]] commit_outcome failed(const failure& why);

    /// Empty: none was seen. Damage that any read or write meets makes the next commit end the process.
    [[nodiscard]] std::string damage_seen();

    /// Carries the log into the file when it has grown; `mutex` is held. A failure is no failure of the
    /// commit before it: the log has it, and this is tried again.
    void keep_log_short();
    void rest();

    void note(const failure& why);
    void carry_over();

    sqlite_options options;
    std::filesystem::path path;
    posix::folder_lock held;

    std::mutex mutex;  ///< of the writer and of what follows
    database writer;
    std::int64_t carried_pages = 0;  ///< how long the log was when it was last carried over

    reader_pool readers;  ///< closed before the writer, which is the one to tidy up

    std::mutex damage_mutex;
    std::string damage;
    hash_key payload_key;
};

}  // namespace parley::sqlite
