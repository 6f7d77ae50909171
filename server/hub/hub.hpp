#pragma once

#include "server/backbone/backbone.hpp"
#include "server/hub/outgoing.hpp"
#include "server/store/store.hpp"
#include "shared/base/bytes.hpp"
#include "shared/base/errors.hpp"
#include "shared/base/hash.hpp"
#include "shared/base/ids.hpp"
#include "shared/base/limits.hpp"
#include "shared/base/random.hpp"
#include "shared/base/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The decision maker for the sessions of one thread. Performs no I/O: facts go in, effects come out.
namespace parley {

/// A session as its host numbers it: never reused within a process, never 0.
using session_handle = std::uint64_t;

struct hub_config {
    std::uint32_t message_burst = limits::message_burst;
    std::uint32_t message_window_ms = limits::message_window_ms;  ///< 0: no limit
    std::size_t sessions_per_user = limits::sessions_per_user;
    std::string server_name;  ///< for `welcome`
    hash_key payload_key;     ///< the same in every hub and for ever: payload hashes are stored
};

// ---- facts

/// An upgraded, authenticated socket. `hello` has not been said yet.
struct session_opened {
    session_handle session = 0;
    session_id id;
    login_id login;
    user_id user;
    std::string name;
    std::int64_t login_expires_ms = 0;  ///< by the wall's clock; 0: never
};

/// One whole WebSocket message; `message` is 8-aligned and valid during the step only.
struct message_arrived {
    session_handle session = 0;
    byte_view message;
};

/// How much of what a session was given is not written yet. Told when a flush could not write all, and at
/// progress.
struct session_unsent {
    session_handle session = 0;
    std::size_t bytes = 0;
};

struct session_closed {
    session_handle session = 0;
};

/// Sign-out, a new password, a disabled account: the sockets of these logins end.
struct logins_ended {
    std::vector<login_id> logins;
};

/// The answer to `find_changes`.
struct changes_found {
    std::uint32_t query = 0;
    std::vector<standing> places;
};

/// What the backbone's log has said since the last time.
struct log_advanced {
    std::vector<log_entry_ptr> entries;
    bool gap = false;       ///< some were trimmed: all rooms must be loaded again
    log_position position;  ///< the place after the last of them
    log_position end;       ///< where the log ended when this was read
};

/// The store's answer to a `query`.
struct query_answered {
    std::uint32_t query = 0;
    std::variant<error, loaded_room, loaded_page, found_changes, std::vector<wire::room>, listed_rooms,
                 listed_members>
        answer;
};

/// An op over HTTP. The answer is one `answer_http` with the same token: after it is stored, refused, or 5 s.
struct http_op {
    std::uint64_t token = 0;
    user_id user;
    std::string name;
    wire::op op;
};

/// Whether the store takes anything now; `busy` is the answer to ops while it does not.
struct store_state_changed {
    bool accepting = true;
};

struct deadline_passed {};

/// The server is about to stop: every session is told.
struct shutting_down {};

/// `appended` is the answer to `append`.
using hub_fact = std::variant<session_opened, message_arrived, session_unsent, session_closed, logins_ended,
                              appended, changes_found, log_advanced, query_answered, http_op,
                              store_state_changed, deadline_passed, shutting_down>;

// ---- effects

/// These messages go to the session, in this order, after all earlier ones.
struct send_messages {
    session_handle session = 0;
    std::vector<outgoing_ptr> messages;
};

struct close_session {
    session_handle session = 0;
    close_code code = close_code::normal;
};

/// Asks the backbone; the items of one turn, in order. Exactly one `appended` answers before the next is
/// given: in the same turn or much later, before or after the log has told of what was placed.
struct append {
    std::uint64_t epoch = 0;
    std::vector<append_item> items;
};

struct find_changes {
    std::uint32_t query = 0;
    std::uint64_t epoch = 0;
    room_id room;
    std::vector<change_id> changes;
};

// Questions to the store, named as its members.
struct load_room {
    room_id room;
};

struct read_before {
    room_id room;
    std::uint64_t before = 0;
    std::size_t limit = 0;
};

struct read_after {
    room_id room;
    std::uint64_t after = 0;
    std::size_t limit = 0;
};

struct find_stored {
    room_id room;
    std::vector<change_id> changes;
};

struct rooms_of {
    user_id user;
};

struct list_rooms {
    user_id user;
    std::string key;
    std::size_t limit = 0;
};

struct list_members {
    room_id room;
    std::string key;
    std::size_t limit = 0;
};

struct query {
    std::uint32_t query = 0;
    std::variant<load_room, read_before, read_after, find_stored, rooms_of, list_rooms, list_members> ask;
};

struct answer_http {
    std::uint64_t token = 0;
    wire::op_reply reply;   ///< committed (kind and code tell whether it is a void), rejected, later, or
                            ///< unknown after 5 s
    bool repeated = false;  ///< `committed`: the change had its place before this request came
};

/// To be stored some time; losing one costs a user a wrong unread count, not a message.
struct mark_read {
    read_mark mark;
};

struct log_line {
    enum class level : std::uint8_t { debug, info, warn, error };
    level level = level::info;
    std::string_view event;  ///< a literal: "join_room"
    session_id session;
    user_id user;
    room_id room;
    std::string message;
    std::string meta_json;  ///< an object, or empty
};

/// Appended to by a step; the host carries them out in the order of the members below, then clears them.
struct hub_effects {
    std::vector<append> appends;  ///< at most one a step
    std::vector<find_changes> finds;
    std::vector<query> queries;
    std::vector<answer_http> answers;
    std::vector<mark_read> marks;
    std::vector<send_messages> sends;  ///< made anew by `flush`, which takes back the memory of old ones
    std::vector<close_session> closes;
    std::vector<log_line> lines;
    void clear();
};

struct hub_counts {
    std::size_t sockets = 0, users = 0, rooms = 0;
    std::size_t provisional = 0;        ///< of `ops`: not stored yet
    std::uint64_t ops = 0, stored = 0;  ///< of this hub's users, so that the counts of several hubs add up
    std::vector<std::pair<errc, std::uint64_t>> refused;  ///< by reason, in order of code
};

/// A turn of its host: `step` for each fact that is ready, then what the backbone has for it (`appended`,
/// `log_advanced`), then one `flush`.
class hub {
public:
    /// `epoch` and `position` are the backbone's as this hub begins.
    hub(hub_config config, random_source random, std::uint64_t epoch, log_position position);
    ~hub();
    hub(hub&&) noexcept;
    hub& operator=(hub&&) noexcept;

    void step(instant now, const hub_fact& fact, hub_effects& out);

    /// Hands over what was said to sessions in this turn: each message encoded once, shared by all who get
    /// it.
    void flush(instant now, hub_effects& out);

    /// When it next wants `deadline_passed`.
    [[nodiscard]] std::optional<deadline_ms> deadline() const;

    [[nodiscard]] hub_counts counts() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace parley
