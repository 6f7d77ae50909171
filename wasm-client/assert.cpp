/// The core's last words. The linker takes this definition and leaves shared/base/assert.cpp alone, whose
/// stdio would weigh 1 KB in the browser.

#include "shared/base/assert.hpp"

#include "shared/base/text.hpp"

#include <cstdlib>
#include <wasi/api.h>

void parley::assertion_failed(const char* expression, const char* file, int line) {
    constexpr __wasi_fd_t standard_error = 2;
    const auto message =
        joined({file, ":", decimal(static_cast<unsigned>(line)), ": broken: ", expression, "\n"});
    const __wasi_ciovec_t all{reinterpret_cast<const std::uint8_t*>(message.data()), message.size()};
    __wasi_size_t written = 0;
    (void)__wasi_fd_write(standard_error, &all, 1, &written);
    std::abort();
}
