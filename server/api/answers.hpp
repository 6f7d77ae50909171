#pragma once

#include "server/hub/hub.hpp"
#include "server/net/api_port.hpp"
#include "shared/base/errors.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// What goes back over HTTP.
namespace parley {

/// The status that tells an error to programs that know HTTP only.
[[nodiscard]] int status_of(errc code);

[[nodiscard]] http_response json_answer(int status, const boost::json::object& body);

[[nodiscard]] http_response no_content();

/// {"error":{"code","message",…}}. What may pass carries Retry-After; 0 ms: a second.
[[nodiscard]] http_response error_answer(const error& why, std::int64_t retry_ms = 0);

/// To an op that did not become what was asked for; none if it did.
[[nodiscard]] std::optional<http_response> refusal_of(const wire::op_reply& reply);

}  // namespace parley
