#pragma once

#include "shared/base/bytes.hpp"

#include <cstdint>

namespace parley {

struct hash_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed 64-bit hash; who lacks the key can't make collisions.
[[nodiscard]] std::uint64_t sip_hash(const hash_key& key, byte_view input);

/// A bijective mix of 64 bits (the finaliser of MurmurHash3); the digest of heartbeats is made with it.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

}  // namespace parley
