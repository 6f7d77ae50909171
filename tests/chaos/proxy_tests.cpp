#include "tests/chaos/proxy.hpp"
#include "tests/chaos/socket.hpp"
#include "tests/support/catch.hpp"

#include <cerrno>
#include <chrono>
#include <functional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>

/// The proxy does to connections what it says.
namespace parley::chaos {
namespace {

constexpr int patience_ms = 10'000;

enum class ending : std::uint8_t { none, closed, reset };

bool comes_true(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{patience_ms};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

/// One end of a connection.
struct peer {
    unique_fd socket;

    void say(const std::string& text) { ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL); }

    /// So many bytes, or less if it ends before.
    std::string hear(std::size_t count) {
        std::string text;
        char byte = 0;
        while (text.size() < count && readable(patience_ms) && ::recv(socket.get(), &byte, 1, 0) == 1)
            text += byte;
        return text;
    }

    ending ends(int within_ms = patience_ms) {
        char byte = 0;
        if (!readable(within_ms)) return ending::none;
        const auto got = ::recv(socket.get(), &byte, 1, 0);
        if (got < 0) return errno == ECONNRESET ? ending::reset : ending::none;
        return got == 0 ? ending::closed : ending::none;
    }

    bool readable(int within_ms) {
        pollfd one{socket.get(), POLLIN, 0};
        return ::poll(&one, 1, within_ms) > 0;
    }
};

unique_fd accept_one(const unique_fd& listener) {
    pollfd waiting{listener.get(), POLLIN, 0};
    ::poll(&waiting, 1, patience_ms);
    return unique_fd{::accept(listener.get(), nullptr, nullptr)};
}

/// A client and a server that have said a word to each other over a proxy, and then the storm began.
struct line {
    explicit line(const connection_fate& fate, std::vector<gust> gusts = {})
        : network(port_of(listener), {[fate](std::uint64_t) { return fate; }, std::move(gusts)}),
          client{connect_to(network.port())},
          server{accept_one(listener)} {
        client.say("hi");
        REQUIRE(server.hear(2) == "hi");
        network.storm();
    }

    unique_fd listener = listen_anywhere();
    proxy network;
    peer client, server;
};

connection_fate after(std::uint64_t bytes_up, fault kind) {
    connection_fate fate;
    fate.up.ends_at = bytes_up;
    fate.ending = kind;
    return fate;
}

}  // namespace

TEST_CASE("a cut lets so many bytes through and closes both sides") {
    line w{after(4, fault::cut)};
    w.client.say("hello");
    CHECK(w.server.hear(5) == "hell");
    CHECK(w.server.ends() == ending::closed);
    CHECK(w.client.ends() != ending::none);
    CHECK(comes_true([&] { return w.network.counted().endings[static_cast<std::size_t>(fault::cut)] == 1; }));
}

TEST_CASE("a reset is one on both sides") {
    line w{after(0, fault::reset)};
    CHECK(w.client.ends() == ending::reset);
    CHECK(w.server.ends() == ending::reset);
}

TEST_CASE("of a half-open connection one side alone learns") {
    const auto kind = GENERATE(fault::client_forgotten, fault::server_forgotten);
    line w{after(0, kind)};
    auto& told = kind == fault::client_forgotten ? w.client : w.server;
    auto& believing = kind == fault::client_forgotten ? w.server : w.client;
    CHECK(told.ends() == ending::reset);
    believing.say("are you there?");
    CHECK(believing.ends(50) == ending::none);
    w.network.heal();
    CHECK(believing.ends(50) == ending::none);
}

TEST_CASE("a mute direction carries nothing, and the other goes on") {
    line w{after(0, fault::mute_up)};
    w.client.say("hello");
    w.server.say("anybody?");
    CHECK(w.client.hear(8) == "anybody?");
    CHECK_FALSE(w.server.readable(50));
    w.client.socket = {};
    CHECK_FALSE(w.server.readable(50));
}

TEST_CASE("a healed network carries what it held and does no more harm") {
    connection_fate fate = after(100, fault::reset);
    fate.up.stalled = stall{0, 3'600'000};
    line w{fate};
    w.client.say("hello");
    CHECK_FALSE(w.server.readable(50));
    w.network.heal();
    CHECK(w.server.hear(5) == "hello");
    w.client.say(std::string(200, 'x'));
    CHECK(w.server.hear(200).size() == 200);
}

TEST_CASE("an end is passed on behind what was said before it") {
    line w{{}};
    w.client.say("goodbye");
    w.client.socket = {};
    CHECK(w.server.hear(8) == "goodbye");
    CHECK(w.server.ends() == ending::closed);
}

TEST_CASE("a gust refuses whoever comes, until it is over") {
    line w{{}, {{gust::what::reset, 0, 0}, {gust::what::refuse, 0, 3'600'000}}};
    CHECK(w.client.ends() == ending::reset);
    const auto open = [&] { return static_cast<bool>(connect_to(w.network.port())); };
    CHECK(comes_true([&] { return !open(); }));
    w.network.heal();
    CHECK(comes_true(open));
}

TEST_CASE("the same seed draws the same faults") {
    for (std::uint64_t seed = 1; seed < 50; ++seed) {
        const auto one = forecast_of(seed, 2'000), other = forecast_of(seed, 2'000);
        REQUIRE(one.gusts.size() == other.gusts.size());
        for (std::uint64_t n = 50; n-- > 0;) {
            const auto a = one.fate(n), b = other.fate(n);
            REQUIRE(a.ending == b.ending);
            REQUIRE(a.up.ends_at == b.up.ends_at);
            REQUIRE(a.down.delay_ms == b.down.delay_ms);
        }
    }
}

}  // namespace parley::chaos
