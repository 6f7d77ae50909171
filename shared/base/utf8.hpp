#pragma once

#include <cstddef>
#include <string_view>

namespace parley {

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool valid_utf8(std::string_view text);

[[nodiscard]] bool has_nul(std::string_view text);

/// How many code points valid UTF-8 holds; what people count as characters.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

}  // namespace parley
