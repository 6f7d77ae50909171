#include "shared/client/note.hpp"

#include <string>

namespace parley {

void note(client_effects& out, log_level level, std::string_view event, std::string_view message,
          room_id room, errc code) {
    out.push_back(client_log{level, std::string(event), std::string(message), room, code});
}

}  // namespace parley
