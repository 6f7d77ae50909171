#include "server/store/store.hpp"
#include "tests/support/native_client.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

/// Says one message from a client at one server of a cluster to a client at another, and how long it took.
///
///     cluster_talk PORT PORT
///
/// Exit code 1: it did not come; 2: it was asked for something else.
namespace parley::testing {
namespace {

std::uint16_t port_in(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), port);
    return wrong == std::errc{} && end == text.data() + text.size() ? port : std::uint16_t{0};
}

bool in_general(native_client& who) {
    return who.live() && who.joined(general_room) && who.caught_up(general_room);
}

bool has(native_client& who, const std::string& text) {
    const auto texts = who.texts(general_room);
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// One that no earlier run has taken.
std::string name_of(std::string_view who, std::int64_t wall_ms) {
    return std::string{who} + '-' + std::to_string(wall_ms);
}

void talk(std::uint16_t from, std::uint16_t to) {
    const auto wall_ms = native_client::now().wall_ms;
    native_client ann{sign_up(from, name_of("ann", wall_ms))};
    native_client bob{sign_up(to, name_of("bob", wall_ms))};
    ann.show(general_room);
    bob.show(general_room);
    if (!run_until({ann, bob}, [&] { return in_general(ann) && in_general(bob); }))
        throw std::runtime_error{"the two did not get into their room"};

    const auto text = "Hello from port " + std::to_string(from) + ", " + std::to_string(wall_ms);
    const auto began = std::chrono::steady_clock::now();
    ann.say(general_room, text);
    if (!run_until({ann, bob}, [&] { return has(bob, text); }))
        throw std::runtime_error{"what was said at port " + std::to_string(from) + " never came to port " +
                                 std::to_string(to)};
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (!run_until({ann, bob}, [&] { return ann.status().outbox == 0; }))
        throw std::runtime_error{"what was said never counted as stored"};
    std::cout << "A message went from 127.0.0.1:" << from << " to 127.0.0.1:" << to << " and was stored; "
              << took.count() << " ms to the other screen\n";
}

}  // namespace
}  // namespace parley::testing

int main(int argc, char** argv) {
    const auto from = argc == 3 ? parley::testing::port_in(argv[1]) : std::uint16_t{0};
    const auto to = argc == 3 ? parley::testing::port_in(argv[2]) : std::uint16_t{0};
    if (from == 0 || to == 0) {
        std::cerr << "usage: cluster_talk PORT PORT\n";
        return 2;
    }
    try {
        parley::testing::talk(from, to);
        return 0;
    } catch (const std::exception& failed) {
        std::cerr << "cluster_talk: " << failed.what() << '\n';
        return 1;
    }
}
