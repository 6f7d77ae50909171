#include "server/api/json_body.hpp"
#include "shared/base/assert.hpp"
#include "shared/base/utf8.hpp"
#include "tests/fuzz/targets.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>

namespace parley::fuzz {
namespace {

void check_fields(const boost::json::object& body) {
    for (const auto& [key, value] : body) {
        const std::string name{key.data(), key.size()};
        const auto text = string_field(body, name);
        PARLEY_ASSERT(!text || value.is_string());
        if (text) PARLEY_ASSERT(valid_utf8(*text) && text->find('\0') == std::string::npos);
        const auto maybe = optional_field(body, name);
        PARLEY_ASSERT(!maybe || maybe->has_value() != value.is_null());
    }
}

void check_query(std::string_view query) {
    const auto limit = number_of_query(query, "limit", 1, 200, 50);
    PARLEY_ASSERT(!limit || (*limit >= 1 && *limit <= 200));
    (void)number_of_query(query, "before", 0, ~std::uint64_t{0}, 0);
}

bool has_fraction(const boost::json::value& value) {
    if (const auto* list = value.if_array()) return std::any_of(list->begin(), list->end(), has_fraction);
    if (const auto* object = value.if_object())
        return std::any_of(object->begin(), object->end(),
                           [](const auto& field) { return has_fraction(field.value()); });
    return value.is_double();
}

}  // namespace

void json_bodies(byte_view input) {
    const std::string text{input.begin(), input.end()};
    check_query(text);
    const auto body = parse_body(text);
    if (!body) {
        PARLEY_ASSERT(body.error().code == errc::malformed || body.error().code == errc::bad_text);
        return;
    }
    PARLEY_ASSERT(valid_utf8(text));
    check_fields(*body);
    if (has_fraction(boost::json::value(*body))) return;  // it need not come back to its last bit
    const auto again = parse_body(boost::json::serialize(*body));
    // An escaped lone surrogate is written back as it is, and that is no UTF-8.
    PARLEY_ASSERT(!again || *again == *body);
}

}  // namespace parley::fuzz
