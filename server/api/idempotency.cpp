#include "server/api/idempotency.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace parley {

namespace {

constexpr std::size_t key_characters = 64;

bool is_visible(char c) {
    return c > ' ' && c < '\x7f';
}

std::array<std::uint64_t, 2> keyed_hash(std::string_view text, user_id user) {
    const auto key = to_bytes(user.value);
    static_assert(key.size() >= crypto_generichash_KEYBYTES_MIN);
    std::array<unsigned char, 16> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), key.data(), key.size());
    const auto id = ulid_from_bytes(hash.data());
    return {id.hi, id.lo};
}

}  // namespace

result<op_id> op_id_of_key(std::string_view key, user_id user) {
    if (key.empty() || key.size() > key_characters || !std::all_of(key.begin(), key.end(), is_visible))
        return fail(errc::malformed, "an Idempotency-Key has 1 to 64 visible characters");
    const auto given = parse_ulid(key);
    // One that looks hashed is hashed too, or it could be aimed at another key's id.
    if (given && !given->is_zero() && given->time_ms() != ulid_time_max_ms) return op_id{*given};
    const auto [a, b] = keyed_hash(key, user);
    return op_id{make_ulid(ulid_time_max_ms, a, b)};
}

room_id room_id_of(op_id op, user_id user) {
    const auto [a, b] = keyed_hash("room " + to_text(op), user);
    return room_id{make_ulid(op.value.time_ms(), a, b)};
}

}  // namespace parley
