#include "shared/base/hash.hpp"

#include <cstddef>

namespace parley {

namespace {

constexpr std::uint64_t rotate(std::uint64_t x, int bits) {
    return (x << bits) | (x >> (64 - bits));
}

struct sip_state {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1, v1 = rotate(v1, 13), v1 ^= v0, v0 = rotate(v0, 32);
        v2 += v3, v3 = rotate(v3, 16), v3 ^= v2;
        v0 += v3, v3 = rotate(v3, 21), v3 ^= v0;
        v2 += v1, v1 = rotate(v1, 17), v1 ^= v2, v2 = rotate(v2, 32);
    }

    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

std::uint64_t little_endian(const std::uint8_t* at, std::size_t count) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i)
        word |= static_cast<std::uint64_t>(at[i]) << (8 * i);
    return word;
}

}  // namespace

std::uint64_t sip_hash(const hash_key& key, byte_view input) {
    sip_state s{key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du, key.k0 ^ 0x6c7967656e657261u,
                key.k1 ^ 0x7465646279746573u};
    const std::size_t whole = input.size() & ~std::size_t{7};
    for (std::size_t i = 0; i < whole; i += 8)
        s.absorb(little_endian(input.data() + i, 8));
    s.absorb(static_cast<std::uint64_t>(input.size()) << 56 |
             little_endian(input.data() + whole, input.size() - whole));
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i)
        s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace parley
