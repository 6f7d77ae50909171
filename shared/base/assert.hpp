#pragma once

namespace parley {

/// Prints what broke to stderr and aborts. On in every build: a core that goes on after a broken invariant
/// could lose or repeat a message.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace parley

/// For our own faults only; what a peer or a disk can cause is a `result`.
#define PARLEY_ASSERT(expression) \
    ((expression) ? void(0) : ::parley::assertion_failed(#expression, __FILE__, __LINE__))
