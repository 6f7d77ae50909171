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
    /// All that a patch tells besides rows, in a form of which only equality counts.
    struct picture {
        std::string status;
        std::string rooms;
        std::string shown;
        std::string members;  ///< empty if they are not known
    };

    bool first_ = true;
    bool under_way_ = false;
    std::uint64_t number_ = 0;
    picture last_;
    std::vector<row_view> ops_;
    room_id shown_;
    std::uint64_t version_ = 0;
    std::vector<row_view> rows_;
};

}  // namespace parley
