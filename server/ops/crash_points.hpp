#pragma once

#include <string_view>

/// Places at which a test has the process killed, as if it had crashed just there.
///
///     PARLEY_CRASH_POINT(settling);
///
/// With PARLEY_CRASH_AT=logged:3,flushed:1 in its environment the process ends by SIGKILL when it passes
/// `flushed` for the first time after it has passed `logged` for the third, on whichever threads. They exist
/// where PARLEY_CRASH_POINTS is defined, which the presets for tests do; elsewhere nothing is left of them.
#ifdef PARLEY_CRASH_POINTS
namespace parley {
void pass_crash_point(std::string_view name);
}

#define PARLEY_CRASH_POINT(name) ::parley::pass_crash_point(#name)
#else
#define PARLEY_CRASH_POINT(name) static_cast<void>(0)
#endif
