#pragma once

#include "shared/client/client.hpp"

#include <string_view>

namespace parley {

/// A line for the client's log.
void note(client_effects& out, log_level level, std::string_view event, std::string_view message,
          room_id room = {}, errc code = errc::none);

}  // namespace parley
