#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// What can be wrong with an input or can't be done now. The numbers are the protocol's; never reuse one.
enum class errc : std::uint16_t {
    none = 0,
    // the frame or request itself
    malformed = 1,            ///< not a frame, or a body that can't be read
    unsupported_version = 2,  ///< the hello names a protocol version that we don't speak
    too_large = 3,            ///< a frame, body or vector above its limit
    bad_text = 4,             ///< not UTF-8, or holds NUL
    bad_name = 5,             ///< a user or room name of wrong length or characters
    bad_op_id = 6,            ///< older than 14 days or over a day ahead
    empty = 7,                ///< a message without text
    out_of_order = 8,         ///< a frame that can't come now, such as anything before hello
    // rights
    unauthenticated = 20,
    forbidden = 21,     ///< your rights do not allow it
    not_member = 22,    ///< join first
    no_such_room = 23,  ///< unknown, or not for you to know
    must_stay = 24,     ///< `general` can't be left
    wrong_user = 25,    ///< the session is another user's
    revoked = 26,       ///< the login was ended
    bad_invite = 27,    ///< unknown, used or expired invitation
    registration_closed = 28,
    bad_credentials = 29,
    weak_password = 30,
    name_taken = 31,
    wrong_host = 32,
    wrong_origin = 33,
    // sameness
    conflict = 40,   ///< this op id or key was used with another payload
    duplicate = 41,  ///< a void: the change stands at another place
    room_exists = 42,
    unchanged = 43,  ///< a void: the repeated join or leave had nothing to do; counts as committed
    // the flow of a lane
    after_missing = 50,  ///< the op before it in its lane is not placed: go back to the lane's oldest
    // for now
    busy = 60,
    rate_limited = 61,
    too_many_sessions = 62,
    outcome_unknown = 63,  ///< not stored in time; ask again with the same key
    unavailable = 64,
    // how an op ended without an event
    discarded = 70,      ///< taken back by its author
    store_refused = 71,  ///< the store would not take this one row
    too_old = 72,
    // on the device
    outbox_full = 80,
    device_full = 81,
    // HTTP's own
    not_found = 90,
    method_not_allowed = 91,
    unsupported_media = 92,
    not_implemented = 93,
};

/// Stable, machine-readable: "rate_limited".
[[nodiscard]] std::string_view name_of(errc code);

/// One sentence for people, without the full stop: what was wrong and what is allowed.
[[nodiscard]] std::string_view sentence_of(errc code);

/// Refusals that may pass leave an op where it is (L9).
[[nodiscard]] constexpr bool is_transient(errc code) {
    return code == errc::busy || code == errc::rate_limited || code == errc::after_missing ||
           code == errc::unavailable || code == errc::outcome_unknown;
}

/// WebSocket close codes of our own (RFC 6455, 7.4.2); only 4429 and ordinary ones are retried by themselves.
enum class close_code : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_payload = 1007,
    policy_violation = 1008,
    too_big = 1009,
    internal_error = 1011,
    unauthenticated = 4401,
    revoked = 4403,
    too_many_sessions = 4408,
    wrong_user = 4409,
    busy = 4429,
};

struct error {
    errc code = errc::none;
    std::string detail = {};  ///< what was wrong with this very input; may be empty

    friend bool operator==(const error& a, const error& b) {
        return a.code == b.code && a.detail == b.detail;
    }
};

/// Whether an input passes, and if not, why: a `result<void>` without memory of its own, since its detail is
/// a literal.
struct [[nodiscard]] checked {
    errc code = errc::none;
    const char* detail = "";

    explicit operator bool() const { return code == errc::none; }

    [[nodiscard]] parley::error error() const { return {code, detail}; }
};

template <class T>
using result = tl::expected<T, error>;

[[nodiscard]] inline tl::unexpected<error> fail(errc code, std::string detail = {}) {
    return tl::unexpected<error>(error{code, static_cast<std::string&&>(detail)});
}

}  // namespace parley
