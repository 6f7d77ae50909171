#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/errors.hpp"
#include "shared/base/ids.hpp"
#include "shared/base/limits.hpp"
#include "shared/base/random.hpp"
#include "shared/base/time.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// One device's side of the chat. Performs no I/O: give it facts, carry out its effects. Its hosts are the
/// browser's worker, the native headless client and the simulation.
namespace parley {

struct client_config {
    std::string program = "parley";
    std::int64_t backoff_min_ms = 1'000, backoff_max_ms = 30'000;
    std::int64_t backoff_reset_ms = 30'000;  ///< live for so long: the next backoff starts anew
    std::uint32_t attempts = 10;             ///< then `failed`, still trying every `failed_retry_ms`
    std::int64_t failed_retry_ms = 30'000;
    std::int64_t connect_timeout_ms = 10'000;  ///< from `open_socket` to `welcome`
    std::int64_t ping_interval_ms = 30'000, ping_timeout_ms = 5'000;
    std::uint32_t ping_misses = 3;
    std::int64_t answer_timeout_ms = 30'000;  ///< for what was asked; pongs are no answer to it
    /// Whether the host guards outboxes with locks. Without them every offer counts as a repeat and no
    /// discard is local.
    bool outbox_locks = true;
};

enum class connection_state : std::uint8_t { offline = 0, connecting, greeting, live, waiting, failed };

enum class connection_health : std::uint8_t { healthy = 0, degraded, unhealthy };

/// What an own op shows: where it really is.
enum class op_state : std::uint8_t { queued = 0, sending, sent, stored, failed };

// ---- facts

/// A record as it was stored, under its key. Untrusted: what can't be read is set aside, never sent.
struct stored_record {
    std::string key;
    bytes value;
};

/// The host knows who is signed in and has read that user's records. `own_outbox`: the id this tab holds;
/// others in `records` belong to other tabs until `outbox_claimed`.
struct started {
    user_id user;
    std::string user_name;
    ulid own_outbox;
    std::vector<stored_record> records;
    bool memory_only = false;  ///< nothing can be kept on this device
};

/// Signed in by HTTP again, after `ask_sign_in`. Another user than `started`'s changes nothing here: the host
/// starts a new core for them.
struct signed_in {
    user_id user;
};

/// Signed out: the core forgets everything (`forget_user`) and closes.
struct signed_out {};

struct socket_opened {
    std::uint32_t attempt = 0;
};

/// One whole WebSocket message, 8-aligned, valid during the step.
struct bytes_arrived {
    std::uint32_t attempt = 0;
    byte_view message;
};

struct socket_closed {
    std::uint32_t attempt = 0;
    std::uint16_t code = 0;
};

struct persisted {
    std::uint64_t batch = 0;
};

struct persist_failed {
    enum class reason : std::uint8_t { full, closed, other };
    std::uint64_t batch = 0;
    reason why = reason::other;
};

/// The owner of this outbox is gone and its lock is ours: its ops are now further lanes of this client.
struct outbox_claimed {
    ulid outbox;
    std::vector<stored_record> records;
};

struct network_changed {
    bool online = true;
};

struct page_shown {
    bool visible = true;
};

/// What a person or program wants. `intent` is the host's number, never used before, not by a
/// former page either, answered by exactly one `acknowledge`; a
/// repeated `intent` number of the same page is acknowledged again and does nothing else.
struct intended {
    enum class what : std::uint8_t {
        show_room,     ///< `room`: fold and draw it; zero: none
        send_message,  ///< `room`, `text`
        save_draft,    ///< `room`, `text`
        create_room,   ///< `name`, `text` is the topic; the acknowledgement tells the room's id
        join_room,     ///< `room`
        leave_room,    ///< `room`
        retry_op,      ///< `op`: offered again at once
        discard_op,    ///< `op`
        copy_back,     ///< `op`: discard it and put its text back as the room's draft
        load_older,    ///< `room`: the page above what is held
        mark_read,     ///< `room`: up to what is committed now
        list_rooms,    ///< all that may be joined; `text`: the key of the page, "" the first
        list_members,  ///< `room`
        retry_now,     ///< connect without waiting
        probe,         ///< is the connection healthy?
    };
    std::uint64_t intent = 0;
    what kind = what::probe;
    room_id room;
    change_id change;  ///< of retry_op, discard_op, copy_back; of send_message and save_draft: what the op
                       ///< shall be called, if the page knows
    std::string name;
    std::string text;
};

struct deadline_passed_fact {};

using client_fact =
    std::variant<started, signed_in, signed_out, socket_opened, bytes_arrived, socket_closed, persisted,
                 persist_failed, outbox_claimed, network_changed, page_shown, intended, deadline_passed_fact>;

// ---- effects

struct open_socket {
    std::uint32_t attempt = 0;
};

/// One WebSocket message.
struct send_bytes {
    std::uint32_t attempt = 0;
    bytes message;
};

struct close_socket {
    std::uint32_t attempt = 0;
    std::uint16_t code = 1000;
};

/// One transaction; answered by `persisted` or `persist_failed` of the same batch, in order.
struct persist {
    std::uint64_t batch = 0;
    std::vector<stored_record> put;
    std::vector<std::string> drop;
    bool strict = false;  ///< reaches the disk before it is answered
};

/// An adopted outbox is empty: its records are gone, its lock may go.
struct release_outbox {
    ulid outbox;
};

/// Erase all that this device holds of the user, in one transaction, and tell the other tabs.
struct forget_user {};

struct acknowledge {
    std::uint64_t intent = 0;
    errc code = errc::none;  ///< none: the core has it
    change_id change;        ///< of the op that the intent made
    room_id room;            ///< of create_room
};

/// Something that `view_patch` tells has changed.
struct view_changed {};

struct ask_sign_in {
    errc code = errc::unauthenticated;  ///< unauthenticated, revoked or wrong_user
};

enum class log_level : std::uint8_t { debug, info, warn, error };

struct client_log {
    log_level level = log_level::info;
    std::string event;
    std::string message;
    room_id room;
    errc code = errc::none;  ///< that it is about
};

using client_effect = std::variant<open_socket, send_bytes, close_socket, persist, release_outbox,
                                   forget_user, acknowledge, view_changed, ask_sign_in, client_log>;
using client_effects = std::vector<client_effect>;

// ---- what to draw

/// A row of a timeline. `change` is its key for ever; it never changes.
struct row_view {
    change_id change;
    room_id room;               ///< of one's own ops without verdict; zero of what the log has
    std::uint64_t seq = 0;      ///< 0: one's own, without a place yet
    std::uint64_t ordinal = 0;  ///< of rows without a place: the order composed, after all that have one
    bool committed = false;
    bool mine = false;
    bool withdrawn = false;             ///< another's provisional row that a new epoch has lost
    bool dimmed = false;                ///< provisional, from before the connection was lost
    op_state state = op_state::stored;  ///< of one's own
    errc reason = errc::none;           ///< why it failed, or why its place is a void
    bool saved = false;                 ///< of one's own without verdict: on this device's disk
    change_kind kind = change_kind::message;
    std::string author_name;
    std::string name;
    std::string text;
    std::int64_t time_ms = 0;
};

struct room_view {
    room_id id;
    std::string name;
    std::string topic;
    std::uint64_t head = 0, w = 0, read = 0;
    std::uint32_t members = 0, unread = 0;
    bool joined = false;   ///< committed member
    bool joining = false;  ///< own join or create without verdict
    bool may_leave = true;
    bool caught_up = false;       ///< subscribed and live
    std::uint64_t held_from = 0;  ///< rows of seq > held_from are held; 0: all from the beginning
    bool loading_older = false;
    std::string draft;
    std::vector<row_view> rows;  ///< in the order to draw
    std::uint64_t version = 0;   ///< another whenever anything of it may have changed
};

struct client_status {
    connection_state connection = connection_state::offline;
    std::uint32_t attempt = 0, attempts = 10;
    std::int64_t next_ms = 0;  ///< monotonic time of the next try, 0 none
    connection_health health = connection_health::healthy;
    std::int64_t round_trip_ms = -1;
    bool signed_in = true;
    bool memory_only = false, device_full = false;
    std::size_t outbox = 0;       ///< ops without verdict
    std::int64_t send_at_ms = 0;  ///< monotonic: the limiter allows the next message then; 0 now
    std::int64_t clock_offset_ms = 0;
};

class client {
public:
    client(client_config config, random_source random);
    ~client();
    client(client&&) noexcept;
    client& operator=(client&&) noexcept;

    void step(instant now, const client_fact& fact, client_effects& out);

    /// When it next wants `deadline_passed_fact`.
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    [[nodiscard]] client_status status(instant now) const;

    /// All rooms known, joined ones first, then by name. Valid until the next step.
    [[nodiscard]] std::vector<const room_view*> rooms() const;

    /// What to draw of a room, folded on demand; null if unknown. Valid until the next step.
    [[nodiscard]] const room_view* room(room_id id);

    [[nodiscard]] const std::vector<wire::member>* members(room_id id) const;

    /// All own ops without verdict, and those that failed and wait for their author, of all rooms and of
    /// adopted outboxes too, in the order composed.
    [[nodiscard]] std::vector<row_view> outbox() const;

    /// The next difference to what the page has, as a view_patch of local.fbs; empty if there is none.
    /// The page acknowledges a patch before the next is made.
    [[nodiscard]] bytes take_patch(instant now);
    void acknowledge_patch(std::uint64_t number);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace parley
