#pragma once

#include "shared/client/journal.hpp"
#include "shared/client/records.hpp"

#include <string>
#include <vector>

namespace parley {

/// What is typed in each room and not sent, in this tab only, with the id of the op that it will be.
class drafts {
public:
    explicit drafts(journal& disk) : disk_(disk) {}

    void own(const ulid& outbox, user_id user) {
        own_ = outbox;
        user_ = user;
    }

    /// Null if nothing is typed there.
    [[nodiscard]] const kept_draft* find(room_id room) const;

    void save(room_id room, std::string text, op_id fresh);

    /// From storage. Another tab's becomes this one's, behind what this one has.
    void recall(kept_draft draft, op_id fresh);

    /// A draft whose op has its place was sent by an earlier life.
    void drop_sent(room_id room, op_id id);

    /// The draft has become an op, or is gone: its record goes in the same batch.
    void drop(room_id room);

    void clear() { all_.clear(); }

private:
    [[nodiscard]] kept_draft* held(room_id room);

    journal& disk_;
    ulid own_;
    user_id user_;
    std::vector<kept_draft> all_;  // one of a room
};

}  // namespace parley
