#pragma once

#include "shared/client/client.hpp"
#include "tests/simulation/base/surroundings.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley::simulation {

/// What a device keeps for its user, shared by the tabs of one browser profile.
class device_disk {
public:
    enum class condition : std::uint8_t { well, full, refusing };

    using words =
        std::map<std::string, std::optional<bytes>>;  ///< the last word on a key; nothing removes it

    [[nodiscard]] const std::map<std::string, bytes>& records() const { return records_; }

    /// What lies under this outbox.
    [[nodiscard]] std::vector<stored_record> records_of(const ulid& outbox) const;
    [[nodiscard]] std::vector<stored_record> all_records() const;

    /// Whether any of it can be read and is this user's: all else is set aside for good.
    [[nodiscard]] bool has_work(const ulid& outbox, user_id user) const;

    /// Whether the record of an op is there, in whichever outbox.
    [[nodiscard]] bool holds(op_id op) const;

    /// Whose records are there, in all outboxes.
    [[nodiscard]] std::vector<op_id> ops() const;

    /// One transaction.
    void commit(const words& changes, bool strict);

    /// The power fails: of what was not written strictly, the newest transactions are gone.
    void lose_tail(dice& chance);

    /// Some record is not what was written; its key, if there was one.
    std::string damage(dice& chance);

    void clear();

    condition now = condition::well;

private:
    void set(const std::string& key, const std::optional<bytes>& value);

    std::map<std::string, bytes> records_;
    std::vector<words> relaxed_;  ///< what stood there before each transaction that is not safe yet
};

[[nodiscard]] std::string prefix_of(const ulid& outbox);

/// One tab's way to the disk: one transaction under way, what comes meanwhile shares the next.
class disk_writer {
public:
    struct listener {
        std::function<void(const client_fact&)> tell;
    };

    disk_writer(surroundings& around, device_disk& disk, std::uint64_t number, listener ears);
    /// A transaction under way is kept or lost.
    ~disk_writer();
    disk_writer(const disk_writer&) = delete;
    disk_writer& operator=(const disk_writer&) = delete;

    void write(const persist& batch);

    /// The browser closes the database under the core's feet.
    void close() { closed_ = true; }

    [[nodiscard]] bool closed() const { return closed_; }

    [[nodiscard]] bool idle() const { return !under_way_ && waiting_.batches.empty(); }

private:
    struct transaction {
        std::vector<std::uint64_t> batches;
        device_disk::words changes;
        bool strict = false;
    };

    void begin();
    void end();

    surroundings& around_;
    device_disk& disk_;
    listener ears_;
    dice chance_;
    transaction waiting_;
    std::optional<transaction> under_way_;
    bool closed_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace parley::simulation
