#pragma once

#include <string>
#include <string_view>

namespace parley {

/// As it stands between the quotes of a JSON string: quotes, backslashes and control characters escaped.
[[nodiscard]] std::string escape_json(std::string_view text);

}  // namespace parley
