#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <iterator>

namespace parley::fuzz {
namespace {

constexpr target all[] = {
    {"websocket_frames", websocket_frames},
    {"wire_frames", wire_frames},
    {"http_requests", http_requests},
    {"json_bodies", json_bodies},
    {"stored_records", stored_records},
    {"client_facts", client_facts},
    {"hub_facts", hub_facts},
    {"core_border", core_border},
    {"recordings", recordings},
};

}  // namespace

std::span<const target> targets() {
    return all;
}

const target* find_target(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(all), std::end(all), [&](const target& one) { return one.name == name; });
    return found == std::end(all) ? nullptr : found;
}

}  // namespace parley::fuzz
