#include "server/net/websocket_output.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/net/socket_pair.hpp"

namespace parley {
namespace {

using outcome = websocket_output::outcome;

outgoing_ptr message_of(std::size_t size, std::uint8_t filling) {
    auto message = std::make_shared<outgoing>();
    message->buffer().insert(message->buffer().end(), size, filling);
    message->seal();
    return message;
}

void append_to(bytes& all, byte_view part) {
    all.insert(all.end(), part.begin(), part.end());
}

bytes read_exactly(const socket_pair& sockets, std::size_t size) {
    bytes all;
    while (all.size() < size)
        append_to(all, sockets.receive());
    return all;
}

}  // namespace

TEST_CASE("messages leave in their order with one call") {
    const socket_pair sockets;
    websocket_output output;
    std::vector<outgoing_ptr> messages;
    bytes expected;
    for (std::uint8_t i = 0; i < 200; ++i) {
        messages.push_back(message_of(10, i));
        append_to(expected, messages.back()->wire_bytes());
    }
    CHECK(output.write(sockets.ours.get(), messages) == outcome::written);
    CHECK(output.unsent() == 0);
    CHECK(read_exactly(sockets, expected.size()) == expected);
}

TEST_CASE("what a full socket does not take is written when it can, in order, once") {
    const socket_pair sockets{16 * 1024};
    websocket_output output;
    bytes expected;
    std::vector<outgoing_ptr> messages;
    for (std::uint8_t i = 0; i < 100; ++i) {
        messages.push_back(message_of(20'000, i));
        append_to(expected, messages.back()->wire_bytes());
    }
    REQUIRE(output.write(sockets.ours.get(), messages) == outcome::blocked);
    CHECK(output.unsent() > 0);
    const auto later = message_of(5, 0xee);
    append_to(expected, later->wire_bytes());
    CHECK(output.write(sockets.ours.get(), {&later, 1}) == outcome::blocked);
    const bytes ping{0x89, 0};
    append_to(expected, ping);
    CHECK(output.write(sockets.ours.get(), ping) == outcome::blocked);

    bytes got;
    while (got.size() < expected.size()) {
        append_to(got, sockets.receive());
        REQUIRE(output.write(sockets.ours.get()) != outcome::broken);
    }
    CHECK(output.unsent() == 0);
    CHECK(got == expected);
}

TEST_CASE("a message is shared, not copied, while it waits") {
    const socket_pair sockets{16 * 1024};
    websocket_output output;
    const std::vector<outgoing_ptr> messages(200, message_of(60'000, 1));
    REQUIRE(output.write(sockets.ours.get(), messages) == outcome::blocked);
    CHECK(messages.front().use_count() > 200);
}

TEST_CASE("a peer that is gone breaks the output") {
    socket_pair sockets;
    websocket_output output;
    sockets.theirs = {};
    const auto message = message_of(1'000, 1);
    auto last = outcome::written;
    for (int i = 0; i < 1'000 && last == outcome::written; ++i)
        last = output.write(sockets.ours.get(), {&message, 1});
    CHECK(last == outcome::broken);
}

}  // namespace parley
