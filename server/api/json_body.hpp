#pragma once

#include "shared/base/errors.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Bodies of requests: one JSON object. Fields that nobody asks for are ignored; a key twice, bad UTF-8 and
/// nesting deeper than 16 are refused, since two readers could understand them differently.
namespace parley {

[[nodiscard]] result<boost::json::object> parse_body(std::string_view body);

/// The string in that field; `malformed` if there is none, `bad_text` if it holds a NUL.
[[nodiscard]] result<std::string> string_field(const boost::json::object& body, std::string_view name);

/// As above, but it may be missing or null.
[[nodiscard]] result<std::optional<std::string>> optional_field(const boost::json::object& body,
                                                                std::string_view name);

/// The value of a field of the query as a whole number within bounds; `otherwise` where it is missing.
[[nodiscard]] result<std::uint64_t> number_of_query(std::string_view query, std::string_view name,
                                                    std::uint64_t least, std::uint64_t most,
                                                    std::uint64_t otherwise);

}  // namespace parley
