#pragma once

#include "server/backbone/backbone.hpp"
#include "server/backbone/redis/connection.hpp"
#include "server/backbone/redis/entries.hpp"
#include "shared/base/errors.hpp"
#include "shared/base/limits.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace parley::redis {

/// The three keys, which carry the id of the database whose order this is.
struct key_names {
    explicit key_names(const std::string& database);
    std::string prefix;  ///< of all keys of this database
    std::string state, places, log;
};

/// An epoch, and the one run of a Redis that extends its stream.
struct term {
    std::uint64_t epoch = 0;
    std::string incarnation;
};

struct call_limits {
    std::size_t rooms = limits::sequencer_rooms;
    std::size_t kept_ops = limits::log_settled_entries;
    std::size_t kept_bytes = limits::process_provisional_bytes;  ///< of what is settled
};

struct append_result {
    bool lost =
        false;  ///< nothing is known of the ops: another epoch or incarnation, or a log that went back
    bool full = false;         ///< Redis has no memory left; those answers are `busy`
    std::int64_t time_ms = 0;  ///< by which they were judged
    std::vector<append_answer> answers;
};

struct settle_result {
    bool lost = false;
    std::uint64_t upto = 0;  ///< settled up to, now
    bool news = false;       ///< by this call
    std::int64_t time_ms = 0;
};

enum class begin_result : std::uint8_t { begun, old, lost };

struct look_result {
    term now;  ///< epoch 0: none was begun
    std::uint64_t n = 0;
    std::uint64_t upto = 0;
    bool master = false;
};

/// Calls of the scripts over one connection. All fail like `connection::call`, and with `unavailable` where
/// Redis refuses a script: it is loading, or no master.
class calls {
public:
    calls(connection& to, const key_names& keys, call_limits bounds = {});

    /// `seen`: the last entry of this epoch that this process has read.
    [[nodiscard]] result<append_result> append(const term& when, std::uint64_t seen,
                                               std::span<const append_item* const> items);
    /// `tight`: keep nothing of what is settled.
    [[nodiscard]] result<settle_result> settle(const term& when, const settled_entry& settled,
                                               bool tight = false);
    [[nodiscard]] result<begin_result> begin(const term& when);
    [[nodiscard]] result<look_result> look();

    /// The entries behind `n`, at most `limits::log_entries_a_turn`; waits for the first one up to a second.
    [[nodiscard]] result<std::vector<read_entry>> read(std::uint64_t epoch, std::uint64_t n);

private:
    struct script;
    [[nodiscard]] result<reply> run(const script& what, const term& when,
                                    std::span<const std::string_view> more = {});
    [[nodiscard]] result<reply> load(const script& what);

    connection& to_;
    key_names keys_;
    call_limits bounds_;
    std::map<const script*, std::string> digests_;  // by which Redis knows them
};

}  // namespace parley::redis
