#pragma once

#include "server/store/postgres_readers.hpp"
#include "server/store/postgres_store.hpp"

#include <mutex>
#include <string>
#include <type_traits>

namespace parley::postgres {

/// What a `postgres_store` holds of its database: a connection that writes and a few that read.
class link {
public:
    explicit link(postgres_options options);

    /// One snapshot, on a reader. `read(connection&)` may give a value or a result.
    template <class Read>
    auto read(Read read) -> result<std::invoke_result_t<Read, connection&>> {
        try {
            return readers_.run(std::move(read));
        } catch (const failure& why) {
            return fail(errc::unavailable, why.what());
        }
    }

    /// One transaction, and of all servers one at a time. What `write(connection&)` gives as an error rolls
    /// it back.
    template <class Write>
    auto write(Write write) -> std::invoke_result_t<Write, connection&> {
        const std::lock_guard lock{mutex_};
        try {
            const auto whole = begin();
            wait_for_others();
            auto answer = write(*writer_);
            if (answer) whole->commit();
            return answer;
        } catch (const failure& why) {
            return fail(errc::unavailable, why.what());
        }
    }

    [[nodiscard]] commit_outcome commit(const commit_batch& batch, std::span<const settled_void> voided);
    [[nodiscard]] result<std::uint64_t> raise_epoch(std::int64_t wall_ms, std::uint64_t chance);

    [[nodiscard]] result<bool> take_lease(std::uint64_t epoch);

    [[nodiscard]] bool shares_order() const { return !options_.holder.empty(); }

    void end_lease();
    [[nodiscard]] result<order_row> read_order();
    [[nodiscard]] result<order_row> confirm_order();
    [[nodiscard]] result<std::uint64_t> raise_order(std::uint64_t seen, std::uint64_t floor,
                                                    const std::string& incarnation);

    void rest() {}

    [[nodiscard]] std::optional<std::string> refusal() const { return std::nullopt; }

    hash_key payload_key;

private:
    /// One transaction of the writer.
    template <class Write>
    auto alone(Write write) -> result<std::invoke_result_t<Write, connection&>> {
        const std::lock_guard lock{mutex_};
        try {
            const auto whole = begin();
            auto answer = write(*writer_);
            whole->commit();
            return answer;
        } catch (const failure& why) {
            return fail(errc::unavailable, "PostgreSQL: " + std::string{why.what()});
        }
    }

    [[nodiscard]] std::unique_ptr<connection> open();
    [[nodiscard]] std::unique_ptr<transaction> begin();
    void wait_for_others();

    postgres_options options_;
    watchdog watching_;
    std::mutex mutex_;  ///< of the writer
    std::unique_ptr<connection> writer_;
    reader_pool readers_;
};

}  // namespace parley::postgres
