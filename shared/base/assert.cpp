#include "shared/base/assert.hpp"

#include "shared/base/text.hpp"

#include <cstdio>
#include <cstdlib>

namespace parley {

void assertion_failed(const char* expression, const char* file, int line) {
    const auto message =
        joined({file, ":", decimal(static_cast<unsigned>(line)), ": broken: ", expression, "\n"});
    std::fputs(message.c_str(), stderr);
    std::abort();
}

}  // namespace parley
