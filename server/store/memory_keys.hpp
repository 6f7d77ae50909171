#pragma once

#include "shared/base/ids.hpp"
#include "shared/wire/frames.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What all stores agree on: the keys that ask for the next page of a list, and how epochs rise.
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

/// Above `last`, made of time and chance, below 2^53 (L6): a clock that went back never makes a number twice,
/// and two restored copies of one file hardly make the same one.
[[nodiscard]] std::uint64_t next_epoch(std::uint64_t last, std::int64_t wall_ms, std::uint64_t chance);

}  // namespace parley
