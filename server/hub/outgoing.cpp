#include "server/hub/outgoing.hpp"

#include "shared/base/assert.hpp"

namespace parley {

void outgoing::seal() {
    const std::size_t size = payload_size();
    PARLEY_ASSERT(size <= 0xffff && start_ == header_space);
    if (size < 126) {
        start_ = header_space - 2;
        buffer_[start_ + 1] = static_cast<std::uint8_t>(size);
    } else {
        start_ = header_space - 4;
        buffer_[start_ + 1] = 126;
        buffer_[start_ + 2] = static_cast<std::uint8_t>(size >> 8);
        buffer_[start_ + 3] = static_cast<std::uint8_t>(size & 0xff);
    }
    buffer_[start_] = 0x82;
}

}  // namespace parley
