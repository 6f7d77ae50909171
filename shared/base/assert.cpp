#include "shared/base/assert.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace parley {

void assertion_failed(const char* expression, const char* file, int line) {
    const auto message = std::string(file) + ":" + std::to_string(line) + ": broken: " + expression + "\n";
    std::fputs(message.c_str(), stderr);  // printf would weigh 4 KB in the browser
    std::abort();
}

}  // namespace parley
