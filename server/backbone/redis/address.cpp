#include "server/backbone/redis/address.hpp"

#include <boost/url/parse.hpp>

#include <charconv>

namespace parley::redis {
namespace {

constexpr std::string_view allowed =
    "redis://HOST, redis://:PASSWORD@HOST:PORT/DATABASE or unix:///PATH/TO/SOCKET";

template <class Number>
bool parse(std::string_view text, Number& out) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
    return wrong == std::errc{} && end == text.data() + text.size();
}

bool parse_database(std::string_view path, int& out) {
    return path.empty() || path == "/" || (parse(path.substr(1), out) && out >= 0);
}

}  // namespace

std::string address::text() const {
    if (!socket.empty()) return "unix://" + socket;
    const bool v6 = host.find(':') != std::string::npos;
    return "redis://" + (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port) +
           (database == 0 ? "" : "/" + std::to_string(database));
}

result<address> parse_address(std::string_view url) {
    const auto wrong = fail(errc::malformed, std::string{allowed});
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view{url.data(), url.size()});
    if (!parsed || parsed->has_query() || parsed->has_fragment()) return wrong;
    const auto& found = *parsed;
    address out;
    const auto decoded = [](auto view) { return std::string(view.begin(), view.end()); };
    if (found.has_password()) {
        out.user = decoded(found.user());
        out.password = decoded(found.password());
    } else if (found.has_userinfo()) {
        return wrong;
    }
    if (found.scheme() == "unix") {
        out.socket = decoded(found.path());
        if (out.socket.size() < 2 || out.socket.front() != '/' || !found.encoded_host().empty()) return wrong;
        return out;
    }
    if (found.scheme() != "redis") return wrong;
    out.host = decoded(found.host_address());
    if (out.host.empty()) return wrong;
    if (found.has_port() && !parse(decoded(found.port()), out.port)) return wrong;
    if (out.port == 0 || !parse_database(decoded(found.path()), out.database)) return wrong;
    return out;
}

}  // namespace parley::redis
