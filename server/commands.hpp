#pragma once

#include "server/ops/config.hpp"

namespace parley {

/// `reset-password`, `disable-user`, `backup` and `migrate`, which work beside a running server. Returns the
/// exit code; throws `std::exception` with one line that says what is wrong.
[[nodiscard]] int run_command(const config& options);

}  // namespace parley
