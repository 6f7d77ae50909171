#include "server/store/store.hpp"
#include "shared/base/random.hpp"
#include "tests/headless/raw_session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server_process.hpp"

#include <flatbuffers/flatbuffers.h>

#include <sys/socket.h>

/// Whatever comes over a socket gets a clear answer, and the server and everybody else go on.
namespace parley::testing {
namespace {

constexpr std::uint16_t closed_without_a_word = 0;

/// A server with two people who talk before and after whatever was done to it.
struct fixture {
    server_process server{
        {"--message-rate", "0", "--max-connections-per-address", "0", "--max-unfinished-per-address", "0"}};
    native_profile eve = sign_up(server.port(), "eve");
    native_client ann{sign_up(server.port(), "ann")};
    native_client bob{sign_up(server.port(), "bob")};
    int said = 0;

    fixture() {
        ann.show(general_room);
        bob.show(general_room);
        REQUIRE(run_until({ann, bob},
                          [&] { return ann.caught_up(general_room) && bob.caught_up(general_room); }));
    }

    /// Nothing of what happened reached them.
    bool goes_on() {
        ann.say(general_room, std::to_string(said++));
        return run_until({ann, bob},
                         [&] { return bob.texts(general_room).size() == static_cast<std::size_t>(said); }) &&
               bob.texts(general_room).back() == std::to_string(said - 1);
    }

    raw_session greeted() {
        raw_session session{eve};
        REQUIRE(session.greet(eve.user));
        return session;
    }
};

bytes as_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

bytes good_message(const std::string& text, std::uint64_t chance) {
    wire::op op;
    op.id = op_id{random_source{chance}.make_id(native_client::now().wall_ms)};
    op.room = general_room;
    op.offer = 1;
    op.kind = change_kind::message;
    op.text = text;
    bytes message;
    wire::append(message, op);
    return message;
}

/// A frame of a kind that this version does not know: the union's type is 200.
bytes unknown_frame() {
    flatbuffers::FlatBufferBuilder builder;
    const auto body = builder.EndTable(builder.StartTable());
    const auto start = builder.StartTable();
    builder.AddOffset(6, flatbuffers::Offset<void>{body});
    builder.AddElement<std::uint8_t>(4, 200, 0);
    builder.FinishSizePrefixed(flatbuffers::Offset<void>{builder.EndTable(start)});
    bytes frame{builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
    frame.resize((frame.size() + 7) / 8 * 8);
    return frame;
}

}  // namespace

TEST_CASE("frames that break RFC 6455 end the session with the rule's code") {
    fixture world;

    struct broken {
        std::string what;
        bytes frame;
        std::uint16_t code;
    };

    bytes too_big{0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 1, 2, 3, 4};
    bytes gigantic{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4};
    const std::vector<broken> all{
        {"unmasked", {0x82, 0x01, 0x00}, 1002},
        {"text", {0x81, 0x81, 1, 2, 3, 4, 'a'}, 1003},
        {"reserved bit", {0xc2, 0x80, 1, 2, 3, 4}, 1002},
        {"unknown opcode", {0x83, 0x80, 1, 2, 3, 4}, 1002},
        {"stray continuation", {0x80, 0x80, 1, 2, 3, 4}, 1002},
        {"fragmented ping", {0x09, 0x80, 1, 2, 3, 4}, 1002},
        {"length not minimal", {0x82, 0xfe, 0, 1, 1, 2, 3, 4, 0}, 1002},
        {"above the limit", too_big, 1009},
        {"far above the limit", gigantic, 1009},
    };
    for (const auto& [what, frame, code] : all) {
        INFO(what);
        auto session = world.greeted();
        session.send(frame);
        CHECK(session.closed_with() == code);
    }
    CHECK(world.goes_on());
}

TEST_CASE("a message that is no frame of the protocol is answered and ends the session") {
    fixture world;
    auto truncated = good_message("hello", 1);
    truncated.resize(truncated.size() / 2);
    auto corrupted = good_message("hello", 2);
    for (std::size_t i = 4; i < 16; ++i)
        corrupted[i] = 0xff;
    for (const auto& message :
         {as_bytes("not a frame at all"), truncated, corrupted, bytes(64, 0xff), bytes{1}}) {
        auto session = world.greeted();
        session.send(ws_opcode::binary, message);
        const auto why = session.hear<wire::error_frame>();
        REQUIRE(why);
        CHECK(why->code == errc::malformed);
        CHECK(session.closed_with() != closed_without_a_word);
    }
    CHECK(world.goes_on());
}

TEST_CASE("messages of chance never bring the server down") {
    fixture world;
    random_source chance{7};
    for (int round = 0; round < 200; ++round) {
        raw_session session{world.eve};
        if (!chance.one_in(4)) session.greet(world.eve.user);
        auto message = good_message("hello", chance.next());
        for (auto flips = 1 + chance.below(8); flips > 0; --flips) {
            message[chance.below(message.size())] ^= static_cast<std::uint8_t>(1u << chance.below(8));
        }
        if (chance.one_in(3)) message.resize(chance.below(message.size()));
        session.send(ws_opcode::binary, message);
    }
    // What was flipped outside of any field is a good message, so only the server's life is looked at.
    CHECK(http_client{world.server.port()}.get("/health").status == 200);
}

TEST_CASE("a frame of a later version is skipped") {
    fixture world;
    auto session = world.greeted();
    session.send(ws_opcode::binary, unknown_frame());
    CHECK(session.say(wire::ping{7}));
    const auto pong = session.hear<wire::pong>();
    REQUIRE(pong);
    CHECK(pong->n == 7);
}

TEST_CASE("anything before hello is refused") {
    fixture world;
    raw_session session{world.eve};
    session.send(ws_opcode::binary, good_message("too early", 3));
    const auto why = session.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::out_of_order);
    CHECK(session.closed_with() != closed_without_a_word);
    CHECK(world.goes_on());
}

TEST_CASE("hello said twice is refused") {
    fixture world;
    auto session = world.greeted();
    session.say(wire::hello{protocol_version, world.eve.user, {}, "again"});
    const auto why = session.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::out_of_order);
}

TEST_CASE("an unknown version is told which ones are spoken") {
    fixture world;
    raw_session session{world.eve};
    session.say(wire::hello{99, world.eve.user, {}, "future"});
    const auto why = session.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::unsupported_version);
    CHECK(why->versions == std::vector<std::uint16_t>{protocol_version});
}

TEST_CASE("a hello in another's name is answered with wrong_user") {
    fixture world;
    raw_session session{world.eve};
    session.say(wire::hello{protocol_version, world.ann.profile().user, {}, "eve"});
    CHECK(session.closed_with() == static_cast<std::uint16_t>(close_code::wrong_user));
}

TEST_CASE("a close in the middle of a message leaves no trace") {
    fixture world;
    auto session = world.greeted();
    session.send(bytes{0x02, 0x85, 1, 2, 3, 4, 5, 6});
    { const auto gone = std::move(session); }
    CHECK(world.goes_on());
}

TEST_CASE("a thousand sockets that never say hello are let go, and the others notice nothing") {
    fixture world;
    std::vector<raw_session> silent;
    for (int i = 0; i < 1'000; ++i) {
        silent.emplace_back(world.eve);
        if (i % 100 == 0) CHECK(world.goes_on());
    }
    CHECK(world.goes_on());
    for (auto& each : silent)
        CHECK(each.closed_with(std::chrono::seconds{15}) != closed_without_a_word);
    CHECK(world.goes_on());
}

TEST_CASE("a client that never reads is cut, and the others wait for nothing") {
    fixture world;
    auto deaf = world.greeted();
    const int small = 4 * 1024;
    ::setsockopt(deaf.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    deaf.say(wire::subscribe{1, general_room, 0, 0});
    const std::string page(8'000, 'x');
    std::size_t sent = 0;
    while (world.server.output().find("session_behind") == std::string::npos && sent < 2'000) {
        for (int i = 0; i < 20; ++i, ++sent)
            world.ann.say(general_room, page);
        REQUIRE(run_until({world.ann, world.bob}, [&] { return world.ann.status().outbox == 0; }));
    }
    CHECK(world.server.output().find("session_behind") != std::string::npos);
    REQUIRE(run_until({world.ann, world.bob}, [&] { return world.bob.texts(general_room).size() == sent; }));
}

}  // namespace parley::testing
