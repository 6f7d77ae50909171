#include "server/store/memory_keys.hpp"

#include "shared/base/assert.hpp"

#include <algorithm>

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

std::uint64_t next_epoch(std::uint64_t last, std::int64_t wall_ms, std::uint64_t chance) {
    const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ms, 0)) * 1000;
    const auto next = std::max(last, time) + 1 + chance % 1000;
    PARLEY_ASSERT(next < std::uint64_t{1} << 53);
    return next;
}

}  // namespace parley
