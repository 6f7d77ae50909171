#include "server/store/postgres_failure.hpp"

#include <algorithm>

namespace parley::postgres {

trouble trouble_of(std::string_view state, std::string_view message) {
    const auto of_class = state.substr(0, 2);
    if (state == "23505" && message.find("events_by_place") != message.npos) return trouble::damage;
    if (of_class == "22" || of_class == "23" || of_class == "54") return trouble::row;
    // The server is going down, or was told to end this connection.
    if (of_class == "08" || state == "57P01" || state == "57P02" || state == "57P03") return trouble::lost;
    if (state == "42501" || of_class == "28") return trouble::denied;
    return trouble::other;
}

std::string first_line(std::string_view message) {
    message = message.substr(0, message.find('\n'));
    for (const std::string_view severity : {"ERROR:", "FATAL:", "PANIC:", "WARNING:"}) {
        if (!message.starts_with(severity)) continue;
        message.remove_prefix(severity.size());
        break;
    }
    message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
    return std::string{message};
}

}  // namespace parley::postgres
