#pragma once

#include "shared/client/client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// What the device is asked to remember: the changes of one step become one batch, one transaction.
///
/// A batch that fails is not repeated as it was. Its removals are, with the next batch or after a while: a
/// record left behind would only be offered again, which is safe, but not for ever. What was to be written is
/// the owner's to write again.
class journal {
public:
    void begin(bool memory_only) { memory_only_ = memory_only; }

    /// From now on nothing can be kept: `put` and `drop` do nothing and answer 0.
    void forget_all();

    [[nodiscard]] bool memory_only() const { return memory_only_; }

    [[nodiscard]] bool full() const { return full_; }

    /// Nothing is under way or waits for another try.
    [[nodiscard]] bool idle() const { return under_way_.empty() && failed_drop_.empty(); }

    /// The number of the batch that will hold this, 0 if nothing is kept. The last word on a key counts.
    std::uint64_t put(std::string key, bytes value, bool strict);
    std::uint64_t drop(std::string key, bool strict);

    /// Ends the step's batch.
    void flush(client_effects& out);

    void persisted(std::uint64_t batch);
    void failed(instant now, const persist_failed& fact);

    /// When to try again what has failed.
    [[nodiscard]] std::optional<deadline_ms> deadline() const { return retry_at_ms_; }

    /// That time has come: the removals are due again, and so is what the owners have.
    [[nodiscard]] bool retry_due(instant now);

private:
    struct sent_batch {
        std::uint64_t number = 0;
        std::vector<std::string> drop;
    };

    void forget_key(const std::string& key);
    void forget_batches(std::uint64_t upto);
    void take_back_failed();

    bool memory_only_ = false;
    bool full_ = false;
    bool strict_ = false;
    std::uint64_t number_ = 1;
    std::vector<stored_record> put_;
    std::vector<std::string> drop_;
    std::vector<std::string> failed_drop_;
    std::optional<deadline_ms> retry_at_ms_;
    std::vector<sent_batch> under_way_;  // oldest first
};

}  // namespace parley
