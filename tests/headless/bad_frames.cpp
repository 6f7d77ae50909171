#include "shared/base/random.hpp"
#include "shared/wire/parley_generated.h"
#include "tests/headless/bystanders.hpp"
#include "tests/support/http_client.hpp"

#include <flatbuffers/flatbuffers.h>

#include <set>
#include <sys/socket.h>

/// Whatever comes over a socket gets a clear answer, and the server and everybody else go on.
namespace parley::testing {
namespace {

constexpr std::uint16_t closed_without_a_word = 0;

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

/// An op whose name and text are the same string, far down in it: two of them are more than the frame.
bytes aliasing_frame() {
    flatbuffers::FlatBufferBuilder builder;
    const auto text = builder.CreateString(std::string(40'000, 'x'));
    const v1::ulid id{1, 2};
    const auto op =
        v1::Createop(builder, &id, &id, nullptr, 0, 1, false, v1::change_kind::create, text, text);
    builder.FinishSizePrefixed(v1::Createframe(builder, v1::body::op, op.Union()));
    bytes frame{builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
    frame.resize((frame.size() + 7) / 8 * 8);
    return frame;
}

/// The lines of the log about that user.
std::string events_of(const server_process& server, const std::string& event, user_id user) {
    const auto said = server.output();
    std::string found;
    for (auto at = said.find("[" + event + "] "); at != said.npos;
         at = said.find("[" + event + "] ", at + 1)) {
        const auto line = said.substr(at, said.find('\n', at) - at);
        if (line.find(to_text(user)) != line.npos) found += line + '\n';
    }
    return found;
}

}  // namespace

TEST_CASE("frames that break RFC 6455 end the session with the rule's code") {
    bystanders world;

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
    bystanders world;
    auto truncated = good_message("hello", 1);
    truncated.resize(truncated.size() / 2);
    auto corrupted = good_message("hello", 2);
    for (std::size_t i = 4; i < 16; ++i)
        corrupted[i] = 0xff;
    for (const auto& message : {as_bytes("not a frame at all"), truncated, corrupted, bytes(64, 0xff),
                                bytes{1}, aliasing_frame()}) {
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
    bystanders world;
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
    bystanders world;
    auto session = world.greeted();
    session.send(ws_opcode::binary, unknown_frame());
    CHECK(session.say(wire::ping{7}));
    const auto pong = session.hear<wire::pong>();
    REQUIRE(pong);
    CHECK(pong->n == 7);
}

TEST_CASE("anything before hello is refused") {
    bystanders world;
    raw_session session{world.eve};
    session.send(ws_opcode::binary, good_message("too early", 3));
    const auto why = session.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::out_of_order);
    CHECK(session.closed_with() != closed_without_a_word);
    CHECK(world.goes_on());
}

TEST_CASE("hello said twice is refused") {
    bystanders world;
    auto session = world.greeted();
    session.say(wire::hello{protocol_version, world.eve.user, {}, "again"});
    const auto why = session.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::out_of_order);
}

TEST_CASE("an unknown version is told which ones are spoken") {
    bystanders world;
    raw_session session{world.eve};
    session.say(wire::hello{99, world.eve.user, {}, "future"});
    const auto why = session.hear<wire::error_frame>();
    REQUIRE(why);
    CHECK(why->code == errc::unsupported_version);
    CHECK(why->versions == std::vector<std::uint16_t>{protocol_version});
}

TEST_CASE("a hello in another's name is answered with wrong_user") {
    bystanders world;
    raw_session session{world.eve};
    session.say(wire::hello{protocol_version, world.ann.profile().user, {}, "eve"});
    CHECK(session.closed_with() == static_cast<std::uint16_t>(close_code::wrong_user));
}

TEST_CASE("a close in the middle of a message leaves no trace") {
    bystanders world;
    auto session = world.greeted();
    session.send(bytes{0x02, 0x85, 1, 2, 3, 4, 5, 6});
    { const auto gone = std::move(session); }
    CHECK(world.goes_on());
}

TEST_CASE("a thousand sockets that never say hello are let go, and the others notice nothing") {
    bystanders world{{"--max-sessions-per-user", "0"}};
    std::vector<raw_session> silent;
    for (int i = 0; i < 1'000; ++i) {
        silent.emplace_back(world.eve);
        if (i % 100 == 0) CHECK(world.goes_on());
    }
    CHECK(world.goes_on());
    std::set<std::uint16_t> codes;
    for (auto& each : silent)
        codes.insert(each.closed_with(std::chrono::seconds{15}));
    CHECK(codes == std::set{static_cast<std::uint16_t>(close_code::policy_violation)});
    CHECK(world.goes_on());
}

TEST_CASE("a thousand connections that never say anything are let go, and the others notice nothing") {
    bystanders world;
    std::vector<unique_fd> silent;
    for (int i = 0; i < 1'000; ++i)
        silent.push_back(connect_to(world.server.port()));
    CHECK(world.goes_on());
    for (const auto& each : silent)
        REQUIRE(answer_to(each.get(), "").empty());
    CHECK(world.goes_on());
}

TEST_CASE("a client that never reads loses its place, then its socket, and the others wait for nothing") {
    bystanders world;
    auto deaf = world.greeted();
    const int small = 4 * 1024;
    ::setsockopt(deaf.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    deaf.say(wire::subscribe{1, general_room, 0, 0});
    const std::string page(8'000, 'x');
    std::size_t sent = 0;
    while (events_of(world.server, "session_behind", world.eve.user).empty() && sent < 2'000) {
        for (int i = 0; i < 20; ++i, ++sent)
            world.ann.say(general_room, page);
        REQUIRE(run_until({world.ann, world.bob}, [&] { return world.ann.status().outbox == 0; }));
    }
    CHECK_FALSE(events_of(world.server, "session_behind", world.eve.user).empty());
    REQUIRE(run_until({world.ann, world.bob}, [&] { return world.bob.texts(general_room).size() == sent; }));
    CHECK(run_until({world.ann, world.bob},
                    [&] { return !events_of(world.server, "session_closed", world.eve.user).empty(); }));
}

}  // namespace parley::testing
