#include "server/api/authentication.hpp"

#include "server/api/secrets.hpp"

namespace parley {

std::optional<presented_login> presented_by(const http_request& request, const address_rules& rules) {
    const auto token = bearer_of(request);
    const auto kind = token.empty() ? login_kind::cookie : login_kind::token;
    const auto secret = hash_secret(token.empty() ? cookie_of(request, rules.cookie_name()) : token);
    if (!secret) return std::nullopt;
    return presented_login{*secret, kind};
}

std::optional<signed_in> find_cached(api_context& api, const presented_login& shown) {
    auto who = api.logins.find(shown.secret, api.wall_ms());
    // A cookie's secret is no token, nor the other way round.
    return who && who->login.kind == shown.kind ? who : std::nullopt;
}

result<signed_in> read_login(api_context& api, const presented_login& shown) {
    const auto round = api.logins.round();
    const auto found = api.ports.accounts.find_login(shown.secret, api.wall_ms());
    if (!found) return tl::unexpected(found.error());
    if (!*found || (*found)->login.kind != shown.kind) return fail(errc::unauthenticated);
    api.logins.put(shown.secret, **found, round);
    return **found;
}

}  // namespace parley
