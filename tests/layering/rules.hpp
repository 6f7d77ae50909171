#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::layering {

/// The folders of the house, deepest first where one holds another: "shared/base", "server/hub", "server",
/// "tests". Empty for a file that stands in no known folder.
[[nodiscard]] std::string_view folder_of(std::string_view path);

/// What a file may not say: one line for each offence, "path:line: why". `path` is relative to the root.
[[nodiscard]] std::vector<std::string> offences(std::string_view path, std::string_view text);

}  // namespace parley::layering
