#pragma once

#include "server/store/store.hpp"
#include "shared/base/ring.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace parley {

using event_ptr = std::shared_ptr<const wire::event>;

/// What a hub knows of a room: the fold over its log, with the newest events.
///
///     … recent … w ] provisional … head ]
///
/// What takes rights binds when it is placed, what gives them when it is settled (L13).
class room_fold {
public:
    struct membership {
        std::uint64_t since = 0;    ///< the committed join; 0: not a member
        std::uint64_t joining = 0;  ///< a join that is provisional
        std::uint64_t leaving = 0;  ///< a leave that is provisional
    };

    explicit room_fold(room_id id) : id_(id) {}

    /// Begins anew from a snapshot; what was provisional is forgotten.
    void load(loaded_room snapshot);

    [[nodiscard]] bool exists() const { return exists_; }

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] const std::string& topic() const { return topic_; }

    [[nodiscard]] room_kind kind() const { return kind_; }

    [[nodiscard]] std::uint64_t w() const { return w_; }

    [[nodiscard]] std::uint64_t head() const { return w_ + provisional_.size(); }

    [[nodiscard]] std::uint64_t fence() const { return fence_; }

    /// All who are members, or may become or cease to be, in order.
    [[nodiscard]] std::vector<user_id> people() const;

    [[nodiscard]] membership standing_of(user_id user) const;
    /// Committed, and no leave has been placed.
    [[nodiscard]] bool member(user_id user) const;

    [[nodiscard]] std::uint32_t members() const { return static_cast<std::uint32_t>(members_.size()); }

    /// Null if it is not in memory.
    [[nodiscard]] const wire::event* at(std::uint64_t seq) const;

    /// Places above this one, up to head, are in memory.
    [[nodiscard]] std::uint64_t recent_from() const { return w_ - recent_.size(); }

    /// Messages of others in (read, w], where `read` is no less than the user's join. What is not in memory
    /// counts as messages.
    [[nodiscard]] std::uint32_t unread(user_id user, std::uint64_t read) const;

    /// The next place. Places at or below head are known and change nothing.
    void place(event_ptr event, bool fences);

    /// Commits the place w + 1, as a void if told so. `trim` once all are committed.
    const wire::event& settle_next(const wire::void_place* voided);
    void trim();

private:
    struct member_entry {
        user_id user;
        std::uint64_t since = 0;
    };

    struct changing {
        user_id user;
        std::uint64_t joining = 0;
        std::uint64_t leaving = 0;
    };

    void begin(const wire::event& event);
    void commit(const wire::event& event);
    void end_change(const wire::event& event);
    void add_member(user_id user, std::uint64_t seq);
    [[nodiscard]] static bool by_user(const member_entry& a, const member_entry& b);
    [[nodiscard]] std::vector<member_entry>::const_iterator place_of(user_id user) const;
    changing& change_of(user_id user);

    room_id id_;
    bool exists_ = false;
    room_kind kind_ = room_kind::channel;
    std::string name_;
    std::string topic_;
    std::uint64_t w_ = 0;
    std::uint64_t fence_ = 0;
    std::vector<member_entry> members_;  // in order of user; small rooms are many
    std::vector<changing> changing_;     // who has a provisional join or leave
    ring<event_ptr> recent_;             // (recent_from, w]
    ring<event_ptr> provisional_;        // (w, head]
};

}  // namespace parley
