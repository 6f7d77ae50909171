#pragma once

#include "shared/base/bytes.hpp"

#include <string>

namespace parley::simulation {

/// The frames of a message in short, for the transcript: "event 7 op=… · watermark 7".
[[nodiscard]] std::string describe_up(byte_view message);
[[nodiscard]] std::string describe_down(byte_view message);

}  // namespace parley::simulation
