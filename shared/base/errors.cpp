#include "shared/base/errors.hpp"

namespace parley {

namespace {

struct named {
    errc code;
    std::string_view name;
};

constexpr named names[] = {
    {errc::none, "none"},
    {errc::malformed, "malformed"},
    {errc::unsupported_version, "unsupported_version"},
    {errc::too_large, "too_large"},
    {errc::bad_text, "bad_text"},
    {errc::bad_name, "bad_name"},
    {errc::bad_op_id, "bad_op_id"},
    {errc::empty, "empty"},
    {errc::out_of_order, "out_of_order"},
    {errc::unauthenticated, "unauthenticated"},
    {errc::forbidden, "forbidden"},
    {errc::not_member, "not_member"},
    {errc::no_such_room, "no_such_room"},
    {errc::must_stay, "must_stay"},
    {errc::wrong_user, "wrong_user"},
    {errc::revoked, "revoked"},
    {errc::bad_invite, "bad_invite"},
    {errc::registration_closed, "registration_closed"},
    {errc::bad_credentials, "bad_credentials"},
    {errc::weak_password, "weak_password"},
    {errc::name_taken, "name_taken"},
    {errc::wrong_host, "wrong_host"},
    {errc::wrong_origin, "wrong_origin"},
    {errc::conflict, "conflict"},
    {errc::duplicate, "duplicate"},
    {errc::room_exists, "room_exists"},
    {errc::unchanged, "unchanged"},
    {errc::after_missing, "after_missing"},
    {errc::busy, "busy"},
    {errc::rate_limited, "rate_limited"},
    {errc::too_many_sessions, "too_many_sessions"},
    {errc::outcome_unknown, "outcome_unknown"},
    {errc::unavailable, "unavailable"},
    {errc::discarded, "discarded"},
    {errc::store_refused, "store_refused"},
    {errc::too_old, "too_old"},
    {errc::outbox_full, "outbox_full"},
    {errc::device_full, "device_full"},
    {errc::not_found, "not_found"},
    {errc::method_not_allowed, "method_not_allowed"},
    {errc::unsupported_media, "unsupported_media"},
    {errc::not_implemented, "not_implemented"},
};

}  // namespace

std::string_view name_of(errc code) {
    for (const auto& one : names)
        if (one.code == code) return one.name;
    return "unknown";
}

}  // namespace parley
