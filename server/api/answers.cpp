#include "server/api/answers.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace parley {

namespace {

namespace json = boost::json;

std::string message_of(const error& why) {
    std::string message{sentence_of(why.code)};
    return why.detail.empty() ? message : message + ": " + why.detail;
}

}  // namespace

int status_of(errc code) {
    switch (code) {
    case errc::none: return 200;
    case errc::unauthenticated:
    case errc::revoked:
    case errc::bad_credentials: return 401;
    case errc::forbidden:
    case errc::not_member:
    case errc::must_stay:
    case errc::wrong_user:
    case errc::bad_invite:
    case errc::registration_closed:
    case errc::wrong_origin: return 403;
    case errc::no_such_room:
    case errc::not_found: return 404;
    case errc::method_not_allowed: return 405;
    case errc::name_taken:
    case errc::conflict:
    case errc::duplicate:
    case errc::room_exists:
    case errc::after_missing:
    case errc::discarded:
    case errc::too_old: return 409;
    case errc::too_large: return 413;
    case errc::unsupported_media: return 415;
    case errc::wrong_host: return 421;
    case errc::store_refused: return 422;
    case errc::rate_limited:
    case errc::too_many_sessions: return 429;
    case errc::not_implemented: return 501;
    case errc::busy:
    case errc::outcome_unknown:
    case errc::unavailable: return 503;
    default: return 400;
    }
}

http_response json_answer(int status, const json::object& body) {
    http_response response;
    response.status = status;
    response.body = json::serialize(body);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

http_response no_content() {
    http_response response;
    response.status = 204;
    response.content_type.clear();
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

http_response error_answer(const error& why, std::int64_t retry_ms) {
    json::object inner{{"code", name_of(why.code)}, {"message", message_of(why)}};
    const int status = status_of(why.code);
    if (retry_ms > 0) inner["retry_ms"] = retry_ms;
    auto response = json_answer(status, {{"error", std::move(inner)}});
    if (status == 429 || status == 503) {
        const auto seconds = std::max<std::int64_t>(1, (retry_ms + 999) / 1000);
        response.headers.emplace_back("Retry-After", std::to_string(seconds));
    }
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

std::optional<http_response> refusal_of(const wire::op_reply& reply) {
    switch (reply.outcome) {
    case outcome::committed:
        if (reply.code == errc::unchanged) return std::nullopt;
        // A join or leave that changes nothing takes no place, and has none to be a void at.
        if (reply.code == errc::none && (reply.kind != change_kind::nothing || reply.seq == 0))
            return std::nullopt;
        return error_answer({reply.code == errc::none ? errc::discarded : reply.code, {}});
    case outcome::rejected: return error_answer({reply.code, {}}, reply.retry_ms);
    case outcome::later: return error_answer({reply.code, {}}, reply.retry_ms);
    case outcome::placed:
    case outcome::unknown: break;
    }
    return error_answer({errc::outcome_unknown, {}});
}

}  // namespace parley
