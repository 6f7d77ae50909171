#include "server/api/passwords.hpp"

#include "server/api/secrets.hpp"
#include "shared/base/limits.hpp"
#include "shared/base/utf8.hpp"

#include <sodium.h>

#include <array>
#include <unordered_set>

namespace parley {

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = 19 * 1024 * 1024;

/// The 3,000 commonest of eight characters and more, since shorter ones are refused anyway, in lower case;
/// common_passwords.md tells where they come from.
constexpr std::string_view commonest =
#include "server/api/common_passwords.txt"
    ;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

std::unordered_set<std::string_view> lines_of(std::string_view text) {
    std::unordered_set<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end > 0) lines.insert(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

}  // namespace

bool is_common_password(std::string_view password) {
    static const auto lines = lines_of(commonest);
    return lines.contains(lower(password));
}

result<void> check_password(std::string_view password, std::string_view user_name) {
    if (!valid_utf8(password) || password.find('\0') != std::string_view::npos) return fail(errc::bad_text);
    const auto length = count_code_points(password);
    if (length < limits::password_min) return fail(errc::weak_password, "it is too short");
    if (length > limits::password_max) return fail(errc::weak_password, "it is too long");
    if (is_common_password(password)) return fail(errc::weak_password, "it is one of the commonest");
    if (lower(password) == lower(user_name)) return fail(errc::weak_password, "it is the user name");
    return {};
}

result<std::string> hash_password(std::string_view password) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str(text.data(), password.data(), password.size(), passes, memory_bytes) != 0)
        return fail(errc::busy, "no memory to hash a password");
    return std::string{text.data()};
}

bool verify_password(const std::string& hash, std::string_view password) {
    if (hash.size() >= crypto_pwhash_STRBYTES) return false;
    std::array<char, crypto_pwhash_STRBYTES> text{};  // libsodium reads to the end of its own size
    hash.copy(text.data(), hash.size());
    return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

void verify_nobody(std::string_view password) {
    static const auto hash = hash_password(make_secret()).value_or(std::string{});
    static_cast<void>(verify_password(hash, password));
}

std::string make_password() {
    return lower(make_code());
}

}  // namespace parley
