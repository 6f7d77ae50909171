#include "shared/base/errors.hpp"

namespace parley {

namespace {

struct entry {
    errc code;
    std::string_view name;
    std::string_view sentence;
};

constexpr entry entries[] = {
    {errc::none, "none", "Nothing is wrong"},
    {errc::malformed, "malformed", "This can't be read"},
    {errc::unsupported_version, "unsupported_version", "This protocol version is not supported"},
    {errc::too_large, "too_large", "This is larger than allowed"},
    {errc::bad_text, "bad_text", "Text must be UTF-8 without NUL"},
    {errc::bad_name, "bad_name", "This name is too short, too long or has characters that are not allowed"},
    {errc::bad_op_id, "bad_op_id", "The op id must be at most 14 days old and at most a day ahead"},
    {errc::empty, "empty", "A message needs text"},
    {errc::out_of_order, "out_of_order", "This frame can't come now"},
    {errc::unauthenticated, "unauthenticated", "Sign in first"},
    {errc::forbidden, "forbidden", "Your rights do not allow this"},
    {errc::not_member, "not_member", "Join the room first"},
    {errc::no_such_room, "no_such_room", "There is no such room"},
    {errc::must_stay, "must_stay", "Everybody stays in this room"},
    {errc::wrong_user, "wrong_user", "This connection belongs to another user"},
    {errc::revoked, "revoked", "This sign-in was ended"},
    {errc::bad_invite, "bad_invite", "This invitation is unknown, used or expired"},
    {errc::registration_closed, "registration_closed", "New accounts need an invitation"},
    {errc::bad_credentials, "bad_credentials", "User name or password is wrong"},
    {errc::weak_password, "weak_password",
     "Choose a password of 8 to 128 characters that is not a common one"},
    {errc::name_taken, "name_taken", "This user name is taken"},
    {errc::wrong_host, "wrong_host", "This server is not reached by that name; see PARLEY_URL"},
    {errc::wrong_origin, "wrong_origin", "Requests from other sites are not accepted"},
    {errc::conflict, "conflict", "This id was already used for something else"},
    {errc::duplicate, "duplicate", "This change stands at another place"},
    {errc::room_exists, "room_exists", "There is already a room with this id"},
    {errc::unchanged, "unchanged", "There was nothing to change"},
    {errc::after_missing, "after_missing", "The op before this one has no place yet"},
    {errc::busy, "busy", "The server can't take this right now"},
    {errc::rate_limited, "rate_limited", "Too fast; wait a moment"},
    {errc::too_many_sessions, "too_many_sessions", "Too many connections of this user"},
    {errc::outcome_unknown, "outcome_unknown", "Not stored in time; ask again with the same key"},
    {errc::unavailable, "unavailable", "This part of the server is not available right now"},
    {errc::discarded, "discarded", "Discarded by its author"},
    {errc::store_refused, "store_refused", "The server could not store this message"},
    {errc::too_old, "too_old", "This was composed more than 14 days ago"},
    {errc::outbox_full, "outbox_full", "Too many messages are waiting to be sent"},
    {errc::device_full, "device_full", "This device has no room left to keep the message"},
    {errc::not_found, "not_found", "There is nothing here"},
    {errc::method_not_allowed, "method_not_allowed", "This can't be done here"},
    {errc::unsupported_media, "unsupported_media", "Send application/json"},
    {errc::not_implemented, "not_implemented", "This is not supported"},
};

const entry* find(errc code) {
    for (const auto& e : entries)
        if (e.code == code) return &e;
    return nullptr;
}

}  // namespace

std::string_view name_of(errc code) {
    const auto* e = find(code);
    return e ? e->name : "unknown";
}

std::string_view sentence_of(errc code) {
    const auto* e = find(code);
    return e ? e->sentence : "Something is wrong that this version does not know";
}

}  // namespace parley
