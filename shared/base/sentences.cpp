#include "shared/base/errors.hpp"

/// Apart from the names: a core in a browser needs none of it. wasm-client/errors.mjs reads this table.
namespace parley {

namespace {

struct said {
    errc code;
    std::string_view sentence;
};

constexpr said sentences[] = {
    {errc::none, "Nothing is wrong"},
    {errc::malformed, "This can't be read"},
    {errc::unsupported_version, "This protocol version is not supported"},
    {errc::too_large, "This is larger than allowed"},
    {errc::bad_text, "Text must be UTF-8 without NUL"},
    {errc::bad_name, "This name is too short, too long or has characters that are not allowed"},
    {errc::bad_op_id, "The op id must be at most 14 days old and at most a day ahead"},
    {errc::empty, "A message needs text"},
    {errc::out_of_order, "This frame can't come now"},
    {errc::unauthenticated, "Sign in first"},
    {errc::forbidden, "Your rights do not allow this"},
    {errc::not_member, "Join the room first"},
    {errc::no_such_room, "There is no such room"},
    {errc::must_stay, "Everybody stays in this room"},
    {errc::wrong_user, "This connection belongs to another user"},
    {errc::revoked, "This sign-in was ended"},
    {errc::bad_invite, "This invitation is unknown, used or expired"},
    {errc::registration_closed, "New accounts need an invitation"},
    {errc::bad_credentials, "User name or password is wrong"},
    {errc::weak_password, "Choose a password of 8 to 128 characters that is not a common one"},
    {errc::name_taken, "This user name is taken"},
    {errc::wrong_host, "This server is not reached by that name; see PARLEY_URL"},
    {errc::wrong_origin, "Requests from other sites are not accepted"},
    {errc::conflict, "This id was already used for something else"},
    {errc::duplicate, "This change stands at another place"},
    {errc::room_exists, "There is already a room with this id"},
    {errc::unchanged, "There was nothing to change"},
    {errc::after_missing, "The op before this one has no place yet"},
    {errc::busy, "The server can't take this right now"},
    {errc::rate_limited, "Too fast; wait a moment"},
    {errc::too_many_sessions, "Too many connections of this user"},
    {errc::outcome_unknown, "Not stored in time; ask again with the same key"},
    {errc::unavailable, "This part of the server is not available right now"},
    {errc::discarded, "This was given up before it was stored"},
    {errc::store_refused, "The server could not store this message"},
    {errc::too_old, "This was composed more than 14 days ago"},
    {errc::outbox_full, "Too many messages are waiting to be sent"},
    {errc::device_full, "This device has no room left to keep the message"},
    {errc::not_found, "There is nothing here"},
    {errc::method_not_allowed, "This can't be done here"},
    {errc::unsupported_media, "Send application/json"},
    {errc::not_implemented, "This is not supported"},
};

}  // namespace

std::string_view sentence_of(errc code) {
    for (const auto& one : sentences)
        if (one.code == code) return one.sentence;
    return "Something is wrong that this version does not know";
}

}  // namespace parley
