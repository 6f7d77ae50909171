#pragma once

#include "shared/client/client.hpp"
#include "shared/client/sync.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace parley {

/// Remembers what the page last got, and tells it the difference as a `view_out` of local.fbs. One patch is
/// under way at a time: the page says `drawn` first.
class patch_maker {
public:
    /// Empty if the page is up to date or has not drawn the last patch.
    [[nodiscard]] bytes make(client& core, const client_status& status, user_id user,
                             const std::string& user_name, sync& rooms);

    void drawn(std::uint64_t number);

private:
    /// All that a patch tells besides rows.
    struct picture {
        client_status status;
        std::string user_name;
        std::vector<room_view> rooms;  ///< without rows
        bool members_known = false;
        std::vector<wire::member> members;
    };

    [[nodiscard]] static picture look(client& core, const client_status& status, const std::string& user_name,
                                      const sync& rooms);

    bool first_ = true;
    bool under_way_ = false;
    std::uint64_t number_ = 0;
    picture last_;
    room_view shown_;
};

}  // namespace parley
