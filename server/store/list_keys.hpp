#pragma once

#include "shared/base/ids.hpp"
#include "shared/wire/frames.hpp"

#include <optional>
#include <string>

/// The keys that ask for the next page of a list, the same in all stores.
namespace parley {

/// Members stand in order of name, then id.
struct member_key {
    std::string name;
    user_id user;

    friend bool operator<(const member_key& a, const member_key& b) {
        const int order = a.name.compare(b.name);
        return order != 0 ? order < 0 : a.user < b.user;
    }
};

[[nodiscard]] std::string key_of(const wire::room& last);
[[nodiscard]] std::string key_of(const wire::member& last);
[[nodiscard]] std::optional<room_id> room_of_key(const std::string& key);
[[nodiscard]] std::optional<member_key> member_of_key(const std::string& key);

}  // namespace parley
