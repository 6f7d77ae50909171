#pragma once

#include <string>
#include <string_view>

namespace parley::bench {

/// A client's request for a WebSocket. `more_headers` are whole lines, each with its CRLF.
std::string upgrade_request(std::string_view host, std::string_view target, std::string_view key,
                            std::string_view more_headers = {});

/// What a server answers to that key.
std::string accept_of(std::string_view key);

/// Is this head (up to its empty line) the 101 to a request with that key?
bool is_upgrade_answer(std::string_view head, std::string_view key);

/// The value of a header, empty if it is not there; `name` in lower case.
std::string_view header_value(std::string_view head, std::string_view name);

}  // namespace parley::bench
