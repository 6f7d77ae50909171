#include "shared/base/text.hpp"

#include <cstddef>

namespace parley {

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const auto part : parts)
        all.append(part.data(), part.size());
    return all;
}

std::string decimal(std::uint64_t number) {
    char digits[20];
    std::size_t first = sizeof digits;
    do {
        digits[--first] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return std::string(digits + first, sizeof digits - first);
}

}  // namespace parley
