#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace parley {

/// All parts, one behind the other; less code than a row of `+`.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);

/// As people write it, without the locales and formats that std::to_string brings.
[[nodiscard]] std::string decimal(std::uint64_t number);

}  // namespace parley
