#include "server/store/list_keys.hpp"

namespace parley {

namespace {

constexpr std::size_t ulid_text = 26;

}  // namespace

std::string key_of(const wire::room& last) {
    return to_text(last.id);
}

std::string key_of(const wire::member& last) {
    return to_text(last.user) + last.name;
}

std::optional<room_id> room_of_key(const std::string& key) {
    const auto id = parse_ulid(key);
    return id ? std::optional{room_id{*id}} : std::nullopt;
}

std::optional<member_key> member_of_key(const std::string& key) {
    if (key.size() < ulid_text) return std::nullopt;
    const auto id = parse_ulid(std::string_view{key}.substr(0, ulid_text));
    return id ? std::optional{member_key{key.substr(ulid_text), user_id{*id}}} : std::nullopt;
}

}  // namespace parley
