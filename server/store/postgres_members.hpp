#pragma once

#include "server/store/postgres_database.hpp"
#include "server/store/store.hpp"

#include <map>
#include <span>
#include <utility>

namespace parley::postgres {

/// The rows of `members` that a batch touches, folded in memory, written at once.
class member_fold {
public:
    using place = std::pair<std::int64_t, user_id>;  ///< a room's number, and who

    explicit member_fold(connection& db) : db_(db) {}

    /// To be called once, with all that may be told later.
    void read(std::span<const place> touched);

    /// False: they were in the room, or out of it, already. `event` must live until `write`.
    bool join(const place& at, const wire::event& event);
    bool leave(const place& at);

    void write();

private:
    struct membership {
        bool was = false;
        bool is = false;
        const wire::event* joined = nullptr;  ///< in this batch
    };

    connection& db_;
    std::map<place, membership> members_;
};

}  // namespace parley::postgres
