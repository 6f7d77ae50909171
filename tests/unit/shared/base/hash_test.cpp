#include "shared/base/hash.hpp"

#include "tests/support/catch.hpp"

#include <set>

using namespace parley;

namespace {

// The reference vectors of SipHash-2-4: key 00 01 … 0f, input 00 01 … n-1.
constexpr hash_key reference_key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

bytes counted(std::size_t n) {
    bytes input(n);
    for (std::size_t i = 0; i < n; ++i)
        input[i] = static_cast<std::uint8_t>(i);
    return input;
}

}  // namespace

TEST_CASE("SipHash gives the values of its paper and its reference vectors") {
    CHECK(sip_hash(reference_key, counted(0)) == 0x726fdb47dd0e0e31u);
    CHECK(sip_hash(reference_key, counted(1)) == 0x74f839c593dc67fdu);
    CHECK(sip_hash(reference_key, counted(8)) == 0x93f5f5799a932462u);
    CHECK(sip_hash(reference_key, counted(15)) == 0xa129ca6149be45e5u);
}

TEST_CASE("another key gives another hash") {
    const auto input = counted(20);
    CHECK(sip_hash({1, 2}, input) != sip_hash({1, 3}, input));
}

TEST_CASE("the mix of digests repeats no value for neighbours") {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < 10000; ++i)
        seen.insert(mix64(i));
    CHECK(seen.size() == 10000);
}
