#include "server/net/socket_table.hpp"

#include "shared/wire/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/net/socket_pair.hpp"

#include <algorithm>

namespace parley {
namespace {

constexpr std::string_view head = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

/// A table, what it told its hub, and the turn of a loop.
struct world {
    poller events;
    std::atomic<std::size_t> unsent{0};
    std::vector<session_handle> opened, closed;
    std::vector<bytes> messages;
    std::vector<std::size_t> unsent_told;
    instant now{1'000'000, 1'700'000'000'000};
    socket_table table{events, unsent, [this](const hub_fact& fact) { note(fact); }, random_source{1}};

    void note(const hub_fact& fact) {
        if (const auto* open = std::get_if<session_opened>(&fact)) opened.push_back(open->session);
        if (const auto* end = std::get_if<session_closed>(&fact)) closed.push_back(end->session);
        if (const auto* told = std::get_if<session_unsent>(&fact)) unsent_told.push_back(told->bytes);
        if (const auto* said = std::get_if<message_arrived>(&fact)) {
            messages.emplace_back(said->message.begin(), said->message.end());
        }
    }

    void adopt(socket_pair& sockets, std::variant<upgraded_login, error> login = upgraded_login{},
               bytes rest = {}) {
        adopted_socket adopted;
        adopted.socket = std::move(sockets.ours);
        adopted.head = head;
        adopted.rest = std::move(rest);
        adopted.login = std::move(login);
        table.adopt(now, std::move(adopted));
        table.finish_turn(now);
    }

    /// Turns until `holds`, for 5 s at most.
    template <class Predicate>
    bool turn_until(Predicate holds) {
        for (int i = 0; i < 500 && !holds(); ++i) {
            for (const auto& event : events.wait(10, [] { return false; }))
                table.handle(now, event);
            table.tell_news();
            table.finish_turn(now);
        }
        return holds();
    }

    void pass(std::int64_t ms) {
        now.mono_ms += ms;
        table.sweep(now);
        table.tell_news();
    }
};

bytes from_client(ws_opcode opcode, const bytes& payload) {
    bytes frame;
    append_masked_ws_frame(frame, opcode, payload, 0x01020304);
    return frame;
}

bytes from_server(ws_opcode opcode, const bytes& payload) {
    bytes frame;
    append_ws_frame(frame, opcode, payload);
    return frame;
}

/// The 101 and then exactly `frames`.
bool said(const socket_pair& sockets, const bytes& frames) {
    bytes expected{head.begin(), head.end()};
    expected.insert(expected.end(), frames.begin(), frames.end());
    bytes got;
    while (got.size() < expected.size()) {
        const auto more = sockets.receive();
        if (more.empty()) break;
        got.insert(got.end(), more.begin(), more.end());
    }
    return got == expected;
}

send_messages to(session_handle session, std::size_t count, std::size_t size) {
    auto message = std::make_shared<outgoing>();
    message->buffer().resize(message->buffer().size() + size);
    message->seal();
    return {session, std::vector<outgoing_ptr>(count, message)};
}

}  // namespace

TEST_CASE("an adopted socket hears the 101 first, and the hub what came with the request") {
    world w;
    socket_pair sockets;
    w.adopt(sockets, upgraded_login{}, from_client(ws_opcode::binary, {1, 2, 3}));
    CHECK(w.opened.size() == 1);
    CHECK(w.messages == std::vector<bytes>{{1, 2, 3}});
    CHECK(said(sockets, {}));
}

TEST_CASE("who is nobody is told why before the socket closes") {
    world w;
    socket_pair sockets;
    w.adopt(sockets, error{errc::unauthenticated});
    CHECK(w.opened.empty());
    outgoing why;
    wire::append(why.buffer(), wire::error_frame{errc::unauthenticated, "", {}});
    why.seal();
    bytes frames{why.wire_bytes().begin(), why.wire_bytes().end()};
    const auto close = from_server(ws_opcode::close, {4401 >> 8, 4401 & 0xff});
    frames.insert(frames.end(), close.begin(), close.end());
    CHECK(said(sockets, frames));
    CHECK(sockets.receive().empty());
}

TEST_CASE("a ping is answered in the same turn, the latest of many") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    auto pings = from_client(ws_opcode::ping, {1});
    const auto second = from_client(ws_opcode::ping, {2});
    pings.insert(pings.end(), second.begin(), second.end());
    sockets.send(pings);
    REQUIRE(w.turn_until([&] { return w.table.deadline().has_value(); }));
    const auto pong = from_server(ws_opcode::pong, {2});
    w.turn_until([once = 0]() mutable { return ++once > 2; });
    CHECK(said(sockets, pong));
}

TEST_CASE("a close of the peer is echoed and told once") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    sockets.send(from_client(ws_opcode::close, {1000 >> 8, 1000 & 0xff}));
    REQUIRE(w.turn_until([&] { return !w.closed.empty(); }));
    CHECK(said(sockets, from_server(ws_opcode::close, {1000 >> 8, 1000 & 0xff})));
    sockets.theirs = {};
    CHECK(w.turn_until([&] { return w.table.empty(); }));
    CHECK(w.closed == w.opened);
}

TEST_CASE("a socket that ends without a word is told once") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    sockets.theirs = {};
    CHECK(w.turn_until([&] { return w.table.empty(); }));
    CHECK(w.closed == w.opened);
}

TEST_CASE("a frame that breaks the rules ends the session with the rule's code") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    sockets.send(from_server(ws_opcode::binary, {1}));  // not masked
    REQUIRE(w.turn_until([&] { return !w.closed.empty(); }));
    CHECK(said(sockets, from_server(ws_opcode::close, {1002 >> 8, 1002 & 0xff})));
    CHECK(w.messages.empty());
}

TEST_CASE("an end that the hub orders comes behind what it said, and is told once") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    const auto order = to(w.opened.front(), 1, 8);
    w.table.send(w.now, order);
    w.table.close(w.now, w.opened.front(), close_code::revoked);
    const auto message = order.messages.front()->wire_bytes();
    bytes frames{message.begin(), message.end()};
    const auto close = from_server(ws_opcode::close, {4403 >> 8, 4403 & 0xff});
    frames.insert(frames.end(), close.begin(), close.end());
    CHECK(said(sockets, frames));
    sockets.send(from_client(ws_opcode::close, {4403 >> 8, 4403 & 0xff}));
    CHECK(w.turn_until([&] { return w.table.empty(); }));
    CHECK(w.closed == w.opened);
}

TEST_CASE("a peer that does not answer a close is cut after two seconds") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    w.table.close(w.now, w.opened.front(), close_code::normal);
    w.pass(1'000);
    CHECK_FALSE(w.table.empty());
    w.pass(1'500);
    CHECK(w.table.empty());
}

TEST_CASE("a silent peer is asked after 30 s and cut after 90 s") {
    world w;
    socket_pair sockets;
    w.adopt(sockets);
    w.pass(limits::hub_ping_ms);
    CHECK(said(sockets, from_server(ws_opcode::ping, {})));
    w.pass(limits::session_idle_ms - limits::hub_ping_ms - 1);
    CHECK(w.closed.empty());
    w.pass(2'000);
    CHECK(w.closed == w.opened);
    CHECK(w.table.empty());
}

TEST_CASE("the hub hears what a slow reader has not taken, and that it has") {
    world w;
    socket_pair sockets{16 * 1024};
    w.adopt(sockets);
    w.table.send(w.now, to(w.opened.front(), 40, 50'000));
    CHECK(w.table.has_news());
    w.table.tell_news();
    REQUIRE_FALSE(w.unsent_told.empty());
    CHECK(w.unsent_told.back() > 1'000'000);
    CHECK(w.unsent == w.unsent_told.back());

    CHECK(w.turn_until([&] {
        bytes taken(1 << 20);
        while (::recv(sockets.theirs.get(), taken.data(), taken.size(), MSG_DONTWAIT) > 0) {
        }
        return w.unsent_told.back() == 0;
    }));
    CHECK(w.unsent == 0);
}

TEST_CASE("a reader that takes nothing for ten seconds is cut") {
    world w;
    socket_pair sockets{16 * 1024};
    w.adopt(sockets);
    w.table.send(w.now, to(w.opened.front(), 40, 50'000));
    w.table.tell_news();
    w.pass(limits::write_progress_ms - 1);
    CHECK(w.closed.empty());
    w.pass(1'001);
    CHECK(w.closed == w.opened);
    CHECK(w.unsent == 0);
}

TEST_CASE("above the bound of the process the largest debtor is cut and the others stay") {
    world w;
    socket_pair small{16 * 1024};
    socket_pair large{16 * 1024};
    w.adopt(small);
    w.adopt(large);
    w.table.send(w.now, to(w.opened[0], 40, 50'000));
    w.table.send(w.now, to(w.opened[1], limits::process_unsent_bytes / 60'000 + 10, 60'000));
    w.table.finish_turn(w.now);
    w.table.tell_news();
    CHECK(w.closed == std::vector<session_handle>{w.opened[1]});
    CHECK(w.unsent < limits::process_unsent_bytes);
}

}  // namespace parley
