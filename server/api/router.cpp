#include "server/api/router.hpp"

#include <optional>

namespace parley {

namespace {

std::string_view take_segment(std::string_view& path) {
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size() < path.size() ? segment.size() + 1 : segment.size());
    return segment;
}

std::optional<std::vector<ulid>> match(std::string_view pattern, std::string_view path) {
    std::vector<ulid> ids;
    if (path.ends_with('/')) return std::nullopt;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take_segment(pattern);
        const auto got = take_segment(path);
        if (wanted != "*") {
            if (wanted != got) return std::nullopt;
            continue;
        }
        const auto id = parse_ulid(got);
        if (!id) return std::nullopt;
        ids.push_back(*id);
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return ids;
}

}  // namespace

routed find_route(std::span<const route_key> table, std::string_view method, std::string_view path) {
    routed out;
    const auto wanted = method == "HEAD" ? std::string_view{"GET"} : method;
    for (std::size_t i = 0; i < table.size(); ++i) {
        auto ids = match(table[i].pattern, path);
        if (!ids) continue;
        if (table[i].method == wanted) return {routed::how::found, i, *std::move(ids), {}};
        out.what = routed::how::wrong_method;
        out.allow += std::string{table[i].method} + (table[i].method == "GET" ? ", HEAD, " : ", ");
    }
    if (out.what == routed::how::wrong_method) out.allow += "OPTIONS";
    return out;
}

}  // namespace parley
