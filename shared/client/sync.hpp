#pragma once

#include "shared/base/by_id.hpp"
#include "shared/client/drafts.hpp"
#include "shared/client/held_room.hpp"
#include "shared/client/outbox.hpp"
#include "shared/client/upstream.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Keeps what is held of each room in step with the server: subscribe, settle, resume, follow (L6, L8, L10,
/// L11).
///
/// Frames change what is held and what is *wanted*; `pump` then says all that is wanted and allowed, in one
/// flight and in this order: subscribe the room on the screen, settle, subscribe the others, requests,
/// receipts. So nothing depends on which fact made a wish, and a lost connection only turns what was asked
/// back into what is wanted.
///
///     welcome ── room… reply(0) ─▶ listed: pump may begin
///
/// What is asked is answered, or the connection is worth nothing, however well it answers pings. The server
/// answers in turn, so the oldest question alone is judged, and each answer gives those behind it their whole
/// time anew.
namespace parley {

/// Of a room that is not on the screen; the oldest go first, and come back as history when one scrolls.
inline constexpr std::size_t hidden_timeline_events = 200;

/// The rooms that may be joined, as far as they have been asked for.
struct room_listing {
    std::vector<wire::room> rooms;
    bool more = false;
    std::string key;
    bool known = false;
};

class sync {
public:
    sync(outbox& box, drafts& typed, const client_config& config)
        : box_(box), drafts_(typed), config_(config) {}

    void begin(user_id self) { self_ = self; }

    void clear();

    void welcomed(instant now);
    void lose_link();

    /// What this step has found fit to be logged goes here.
    void hear(instant now, const wire::room& frame, client_effects& out);
    void hear(instant now, const wire::page& frame, client_effects& out);
    void hear(instant now, wire::event frame, client_effects& out);
    void hear(instant now, const wire::watermark& frame, client_effects& out);
    void hear(instant now, const wire::truncated& frame, client_effects& out);
    void hear(instant now, const wire::behind& frame, client_effects& out);
    void hear(instant now, const wire::lost& frame, client_effects& out);
    void hear(instant now, wire::reply frame, client_effects& out);

    /// True if the digest differs for the second time: all rooms are to be resumed, and will be.
    bool compare_digest(std::uint64_t digest);

    /// A verdict by whatever way.
    void settle(outbox_op& op, const verdict& verdict, std::uint64_t seq, std::uint64_t epoch,
                std::int64_t time_ms);

    void pump(instant now, upstream& up);

    [[nodiscard]] std::optional<deadline_ms> deadline() const { return deadline_; }

    /// Something asked has waited too long for its answer. A host that slept has not read yet what came
    /// meanwhile: then the time begins anew instead.
    [[nodiscard]] bool overdue(instant now);

    /// The room's ops may go: what was ever offered there has been asked after.
    [[nodiscard]] bool may_send(room_id id) const;
    /// What is held counts as the state on which an op was composed.
    [[nodiscard]] bool resumed(room_id id) const;

    /// Own create or join without a verdict.
    [[nodiscard]] bool entering(room_id id) const;
    /// As far as this device knows; before the first list of rooms it knows nothing.
    [[nodiscard]] bool may_write(room_id id) const;
    /// What a room to be joined is called, if it was listed.
    void name_from_listing(room_id id);

    void show(room_id id);

    [[nodiscard]] room_id shown() const { return shown_; }

    void load_older(held_room& room);
    void list_members(held_room& room);
    void list_rooms(std::string key);
    void mark_read(held_room& room);
    void settle_again(room_id id);

    [[nodiscard]] held_room* find(room_id id) const { return rooms_.find(id); }

    held_room& hold(room_id id);
    /// Rooms that nothing keeps any more.
    void forget_unneeded();

    [[nodiscard]] const by_id<held_room>& rooms() const { return rooms_; }

    [[nodiscard]] const room_listing& listing() const { return listing_; }

    [[nodiscard]] bool listing_changed() const { return listing_changed_; }

    void listing_drawn() { listing_changed_ = false; }

    /// Protocol faults of this connection; too many, and it is better to begin anew.
    [[nodiscard]] std::uint32_t faults() const { return faults_; }

private:
    /// `untold`: what the server tells unasked ends with a reply to request 0.
    enum class asked_for : std::uint8_t { nothing, untold, subscribe, settle, older, members, rooms };

    struct request {
        std::uint32_t number = 0;
        asked_for what = asked_for::nothing;
        room_id room;
        std::int64_t asked_ms = 0;
        std::int64_t heard_ms = 0;  ///< when a part of the answer came last
    };

    [[nodiscard]] request answered(std::uint32_t number);
    [[nodiscard]] std::uint32_t ask(instant now, asked_for what, room_id room);
    void expect_untold(instant now);
    void hear_part(instant now, asked_for what, room_id room);
    void wait_anew(instant now, std::uint32_t from);
    [[nodiscard]] std::int64_t patience_ends_ms() const;
    void say_wanted(instant now, upstream& up);
    void subscribe(instant now, held_room& room, upstream& up);
    void say_settles(instant now, held_room& room, upstream& up);
    void say_requests(instant now, held_room& room, upstream& up);
    void resume_again(held_room& room, const char* why, client_effects& out);
    void unfollow(held_room& room);
    void end_following(held_room& room);
    void committed(held_room& room, std::uint64_t before);
    void told_all(held_room& room);
    void subscribe_answered(instant now, held_room& room, const wire::reply& frame, client_effects& out);
    void older_answered(held_room& room, const wire::reply& frame);
    void members_answered(held_room& room, wire::reply frame);
    void rooms_answered(wire::reply frame);
    void truncation_told();
    void want_settles();
    [[nodiscard]] bool due(instant now, const held_room& room);
    [[nodiscard]] bool make_space(const held_room& room, upstream& up);
    [[nodiscard]] std::size_t followed() const;
    [[nodiscard]] std::size_t most_held(const held_room& room) const;

    outbox& box_;
    drafts& drafts_;
    const client_config& config_;
    user_id self_;
    by_id<held_room> rooms_;
    room_id shown_;
    bool listed_ = false;
    room_id truncating_;
    std::vector<request> requests_;  // not answered yet, the oldest first
    std::uint32_t next_request_ = 1;
    std::uint32_t mismatches_ = 0;
    std::uint32_t faults_ = 0;
    std::vector<room_id> unfollow_;
    asking listing_asking_ = asking::no;
    std::string listing_key_;
    room_listing listing_;
    bool listing_changed_ = false;
    std::optional<deadline_ms> deadline_;
};

}  // namespace parley
