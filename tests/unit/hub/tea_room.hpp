#pragma once

#include "tests/unit/hub/hub_world.hpp"

#include <string>
#include <utility>
#include <vector>

/// Who the tests of the hub are about, and where they talk.
namespace parley::tea_room {

inline const auto ann = hub_world::user(1);
inline const auto bob = hub_world::user(2);
inline const auto tea = hub_world::room(1);
inline const auto coffee = hub_world::room(2);

/// Nobody has to wait for the limiter.
inline hub_config unlimited() {
    hub_config config;
    config.message_window_ms = 0;
    return config;
}

/// Not offered to anybody yet.
inline wire::op message(hub_world& world, std::string text) {
    wire::op op;
    op.id = world.fresh_op();
    op.room = tea;
    op.text = std::move(text);
    return op;
}

/// Posts and stores so many messages.
inline void fill(hub_world& world, const hub_world::listener& who, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        world.post(who, tea, "m" + std::to_string(i));
        if (i % 50 == 49) world.settle_all();
    }
    world.settle_all();
    world.pass(limits::watermark_delay_ms);
}

inline std::vector<std::uint64_t> seqs(const hub_world::listener& who) {
    std::vector<std::uint64_t> found;
    for (const auto& event : who.all<wire::event>())
        found.push_back(event.seq);
    return found;
}

inline bool dense(const std::vector<std::uint64_t>& found, std::uint64_t from, std::uint64_t to) {
    if (found.size() != to - from) return false;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] != from + i + 1) return false;
    }
    return true;
}

}  // namespace parley::tea_room
