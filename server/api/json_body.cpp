#include "server/api/json_body.hpp"

#include "shared/base/utf8.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include <charconv>
#include <set>
#include <vector>

namespace parley {

namespace {

namespace json = boost::json;

constexpr std::size_t most_depth = 16;

/// Listens to a parser and stops it at the first key that comes twice in an object; the values it lets pass.
struct key_listener {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    std::vector<std::set<std::string, std::less<>>> objects;
    std::string key;
    std::optional<std::string> repeated;

    bool on_object_begin(json::error_code&) {
        objects.emplace_back();
        return true;
    }

    bool on_object_end(std::size_t, json::error_code&) {
        objects.pop_back();
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        key.append(part.data(), part.size());
        return true;
    }

    bool on_key(json::string_view part, std::size_t, json::error_code& wrong) {
        key.append(part.data(), part.size());
        if (!objects.back().insert(key).second) {
            repeated = key;
            wrong = json::error::extra_data;
            return false;
        }
        key.clear();
        return true;
    }

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_array_begin(json::error_code&) { return true; }

    bool on_array_end(std::size_t, json::error_code&) { return true; }

    bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }

    bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }

    bool on_number_part(json::string_view, json::error_code&) { return true; }

    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }

    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }

    bool on_double(double, json::string_view, json::error_code&) { return true; }

    bool on_bool(bool, json::error_code&) { return true; }

    bool on_null(json::error_code&) { return true; }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }
};

json::parse_options strict() {
    json::parse_options options;
    options.max_depth = most_depth;
    return options;
}

std::string missing(std::string_view name) {
    return std::string{name} + " must be a string";
}

}  // namespace

result<json::object> parse_body(std::string_view body) {
    if (!valid_utf8(body)) return fail(errc::bad_text, "the body is not UTF-8");
    json::basic_parser<key_listener> keys{strict()};
    json::error_code wrong;
    keys.write_some(false, body.data(), body.size(), wrong);
    if (const auto& key = keys.handler().repeated)
        return fail(errc::malformed, "the field \"" + *key + "\" comes twice");
    const auto value = json::parse(body, wrong, {}, strict());
    if (wrong) return fail(errc::malformed, "the body is not JSON: " + wrong.message());
    if (!value.is_object()) return fail(errc::malformed, "the body must be a JSON object");
    return value.get_object();
}

result<std::string> string_field(const json::object& body, std::string_view name) {
    auto field = optional_field(body, name);
    if (!field) return tl::unexpected(field.error());
    if (!*field) return fail(errc::malformed, missing(name));
    return **std::move(field);
}

result<std::optional<std::string>> optional_field(const json::object& body, std::string_view name) {
    const auto* value = body.if_contains(name);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_string()) return fail(errc::malformed, missing(name));
    std::string text{value->get_string().data(), value->get_string().size()};
    // An escaped lone surrogate gives text that was no UTF-8 before either.
    if (!valid_utf8(text)) return fail(errc::bad_text, std::string{name} + " is not UTF-8");
    if (text.find('\0') != std::string::npos) return fail(errc::bad_text, std::string{name} + " holds a NUL");
    return text;
}

result<std::uint64_t> number_of_query(std::string_view query, std::string_view name, std::uint64_t least,
                                      std::uint64_t most, std::uint64_t otherwise) {
    const auto refuse = [&] {
        return fail(errc::malformed, std::string{name} + " must be a whole number from " +
                                         std::to_string(least) + " to " + std::to_string(most));
    };
    std::optional<std::uint64_t> found;
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) != name) continue;
        const auto text = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        std::uint64_t value = 0;
        const auto [stop, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = wrong == std::errc{} && stop == text.data() + text.size();
        if (!whole || value < least || value > most || found) return refuse();
        found = value;
    }
    return found.value_or(otherwise);
}

}  // namespace parley
