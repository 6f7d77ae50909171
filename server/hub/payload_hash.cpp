#include "server/hub/payload_hash.hpp"

#include "shared/base/bytes.hpp"

#include <array>
#include <cstring>

namespace parley {
namespace {

constexpr std::size_t header_bytes = 1 + 16 + 4;

/// kind | room | length of the name | name | text
void write(std::uint8_t* at, const wire::op& op) {
    *at++ = static_cast<std::uint8_t>(op.kind);
    const auto room = to_bytes(op.room.value);
    std::memcpy(at, room.data(), room.size());
    at += room.size();
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = static_cast<std::uint8_t>(op.name.size() >> shift);
    if (!op.name.empty()) std::memcpy(at, op.name.data(), op.name.size());
    at += op.name.size();
    if (!op.text.empty()) std::memcpy(at, op.text.data(), op.text.size());
}

}  // namespace

std::uint64_t payload_hash(const hash_key& key, const wire::op& op) {
    const auto size = header_bytes + op.name.size() + op.text.size();
    std::array<std::uint8_t, 1024> small;
    if (size <= small.size()) {
        write(small.data(), op);
        return sip_hash(key, byte_view{small.data(), size});
    }
    bytes large(size);
    write(large.data(), op);
    return sip_hash(key, large);
}

}  // namespace parley
