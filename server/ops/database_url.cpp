#include "server/ops/database_url.hpp"

#include <boost/url.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace parley {

namespace {

namespace urls = boost::urls;

constexpr std::array<std::string_view, 2> schemes{"postgres://", "postgresql://"};
constexpr std::array<std::string_view, 4> secret_schemes{"postgres://", "postgresql://", "redis://",
                                                         "unix://"};
constexpr std::array<std::string_view, 5> open_options{"sslmode", "sslrootcert", "sslcert", "sslkey", "host"};
constexpr std::array<std::string_view, 6> ssl_modes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), port);
    return wrong == std::errc{} && end == text.data() + text.size() && port != 0;
}

template <class List>
bool among(const List& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool plain(const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32; });
}

/// False: a value that can't be.
bool take(database_url& into, const char* key, const std::string& value) {
    if (value.empty()) return true;
    into.target.emplace_back(key, value);
    return plain(value);
}

bool take_options(database_url& into, const urls::url_view& url) {
    for (const auto option : url.params()) {
        const std::string key{option.key}, value{option.value};
        if (!among(open_options, key) || value.empty()) return false;
        if (key == "sslmode" && !among(ssl_modes, value)) return false;
        if (key == "host" && (!url.encoded_host().empty() || value.front() != '/')) return false;
        if (!take(into, key.c_str(), value)) return false;
    }
    return true;
}

std::optional<database_url> read(const urls::url_view& url) {
    const auto segments = url.segments();
    if (segments.size() != 1 || url.has_fragment()) return std::nullopt;
    const std::string database{segments.front()};
    const std::string host{url.host_address()}, user{url.user()};
    if (database.empty() || user.empty() || (url.has_port() && !is_port(url.port()))) return std::nullopt;
    database_url out;
    const bool good = take(out, "host", host) && take(out, "port", std::string{url.port()}) &&
                      take(out, "user", user) && take(out, "password", std::string{url.password()}) &&
                      take(out, "dbname", database) && take_options(out, url);
    const bool has_host = std::any_of(out.target.begin(), out.target.end(),
                                      [](const auto& word) { return word.first == "host"; });
    if (!good || !has_host) return std::nullopt;
    out.name = "database \"" + database + "\"" +
               (host.empty() ? "" : " at " + std::string{url.encoded_host_and_port()});
    return out;
}

}  // namespace

result<database_url> parse_database_url(std::string_view text) {
    const auto url = urls::parse_uri(text);
    if (!url || !names_database(text)) return fail(errc::malformed);
    auto out = read(*url);
    if (!out) return fail(errc::malformed);
    return *std::move(out);
}

bool names_database(std::string_view text) {
    return std::any_of(schemes.begin(), schemes.end(),
                       [&](std::string_view scheme) { return text.starts_with(scheme); });
}

std::string without_secrets(std::string text) {
    for (const auto scheme : secret_schemes) {
        const auto at = text.find(scheme);
        if (at == std::string::npos) continue;
        const auto from = at + scheme.size();
        const auto end = std::min(text.find_first_of("\"\n", from), text.size());
        text.replace(from, end - from, "…");
    }
    return text;
}

}  // namespace parley
