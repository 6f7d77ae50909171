#include "server/surroundings.hpp"

#include <cerrno>
#include <chrono>
#include <sys/random.h>
#include <system_error>

namespace parley {

std::uint64_t draw_entropy() {
    std::uint64_t drawn = 0;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return drawn;
}

instant read_clocks() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace parley
