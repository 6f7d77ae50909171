#pragma once

#include "shared/base/errors.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley {

/// Where a database is and as whom to use it, as --store says it.
struct database_url {
    std::vector<std::pair<std::string, std::string>> target;  ///< in the words of libpq
    std::string name;                                         ///< for people: without user and password
};

/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE`, with %XX for what has a meaning there.
/// Password, port and options may be missing, the host too where `host=` is a socket's folder among the
/// options, which are sslmode, sslrootcert, sslcert, sslkey and host.
[[nodiscard]] result<database_url> parse_database_url(std::string_view text);

/// Whether it was meant as such a URL.
[[nodiscard]] bool names_database(std::string_view text);

/// `text` with `…` for what follows the scheme of such URLs, and of those of Redis: they hold passwords.
[[nodiscard]] std::string without_secrets(std::string text);

}  // namespace parley
