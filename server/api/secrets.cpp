#include "server/api/secrets.hpp"

#include "shared/base/assert.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace parley {

namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t secret_length = 43;
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

/// libsodium wants to be asked once before anything else; asking again costs nothing.
void begin() {
    PARLEY_ASSERT(sodium_init() >= 0);
}

using code_bytes = std::array<unsigned char, 20>;

std::string spell(const code_bytes& bytes) {
    constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string code;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 5 == 0) code += '-';
        code += letters[bytes[i] % letters.size()];
    }
    return code;
}

std::string without_marks(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '-' || c == ' ') continue;
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

}  // namespace

std::string make_secret() {
    begin();
    std::array<unsigned char, secret_bytes> chance{};
    randombytes_buf(chance.data(), chance.size());
    std::array<char, sodium_base64_ENCODED_LEN(secret_bytes, base64)> text{};
    sodium_bin2base64(text.data(), text.size(), chance.data(), chance.size(), base64);
    return text.data();
}

std::optional<secret_hash> hash_secret(std::string_view secret) {
    begin();
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    if (secret.size() != secret_length || !std::all_of(secret.begin(), secret.end(), fits))
        return std::nullopt;
    secret_hash hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(secret.data()),
                       secret.size(), nullptr, 0);
    return hash;
}

ulid make_id(std::int64_t wall_ms) {
    begin();
    std::array<std::uint64_t, 2> chance{};
    randombytes_buf(chance.data(), sizeof chance);
    return make_ulid(std::clamp<std::int64_t>(wall_ms, 0, ulid_time_max_ms - 1), chance[0], chance[1]);
}

std::string make_code() {
    begin();
    code_bytes chance{};
    randombytes_buf(chance.data(), chance.size());
    return spell(chance);
}

std::string set_up_code_of(const hash_key& store) {
    begin();
    constexpr std::string_view purpose = "set-up code";
    const auto key = to_bytes({store.k0, store.k1});
    static_assert(key.size() >= crypto_generichash_KEYBYTES_MIN);
    code_bytes hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(purpose.data()),
                       purpose.size(), key.data(), key.size());
    return spell(hash);
}

bool same_code(std::string_view typed, std::string_view code) {
    const auto a = without_marks(typed);
    const auto b = without_marks(code);
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace parley
