#pragma once

#include "server/api/context.hpp"

#include <optional>

/// Who asks: by `Authorization: Bearer …`, else by cookie.
namespace parley {

struct presented_login {
    secret_hash secret;
    login_kind kind;
};

/// None: nothing that could be a login.
[[nodiscard]] std::optional<presented_login> presented_by(const http_request& request,
                                                          const address_rules& rules);

/// Whose login that is, if it was used lately. Does not block.
[[nodiscard]] std::optional<signed_in> find_cached(api_context& api, const presented_login& shown);

/// Asks the store; remembers the answer. Fails with `unauthenticated` or `unavailable`.
[[nodiscard]] result<signed_in> read_login(api_context& api, const presented_login& shown);

}  // namespace parley
