#include "tests/support/catch.hpp"
#include "tests/unit/net/websocket_frames_wire.hpp"

/// The numbered cases of the Autobahn testsuite that concern framing, with binary payloads. docs/AUTOBAHN.md
/// says which ones are left out. Each is read whole, byte by byte and in pieces of seven.
namespace parley::frames_test {
namespace {

struct numbered_case {
    std::string number;
    std::vector<frame_said> said;
    lines read;
};

void check(const std::vector<numbered_case>& cases, std::uint32_t limit = limits::ws_message_bytes) {
    for (const auto& one : cases) {
        INFO("case " << one.number);
        const auto stream = wire(one.said);
        CHECK(read_by_server(stream, stream.size(), limit) == one.read);
        CHECK(read_by_server(stream, 1, limit) == one.read);
        CHECK(read_by_server(stream, 7, limit) == one.read);
    }
}

std::string of_size(std::size_t size) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        payload[i] = static_cast<char>('a' + i * 7 % 26);
    }
    return payload;
}

frame_said with_reserved(frame_said frame, std::uint8_t bits) {
    frame.reserved = bits;
    return frame;
}

frame_said fragment_of(frame_said frame) {
    frame.final = false;
    return frame;
}

frame_said unknown(std::uint8_t opcode, std::string payload = {}) {
    return {opcode, true, 0, true, std::move(payload)};
}

std::vector<frame_said> in_fragments(const std::string& payload, std::size_t size) {
    std::vector<frame_said> frames;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        frames.push_back({static_cast<std::uint8_t>(at == 0 ? 2 : 0), at + size >= payload.size(), 0, true,
                          payload.substr(at, size)});
    }
    return frames;
}

const lines protocol_error{"failure 1002"};
const lines unsupported{"failure 1003"};

}  // namespace

TEST_CASE("autobahn 1.1: a text message of any size is refused with 1003") {
    std::vector<numbered_case> cases;
    int number = 1;
    for (const std::size_t size : {0, 125, 126, 127, 128, 65535, 65536, 65536}) {
        cases.push_back({"1.1." + std::to_string(number++), {text(of_size(size))}, unsupported});
    }
    check(cases);
}

TEST_CASE("autobahn 1.2: a binary message of every length form arrives whole") {
    std::vector<numbered_case> cases;
    int number = 1;
    for (const std::size_t size : {0, 125, 126, 127, 128, 65535, 65536, 65536}) {
        cases.push_back(
            {"1.2." + std::to_string(number++), {binary(of_size(size))}, {"message " + of_size(size)}});
    }
    check(cases);
    const auto chopped = wire(binary(of_size(65536)));
    CHECK(read_by_server(chopped, 997) == cases.back().read);  // 1.2.8 sends in pieces of 997
}

TEST_CASE("autobahn 2: pings arrive with what they carry and pongs disturb nothing") {
    const std::string binary_payload{"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 8};
    std::vector<frame_said> ten;
    lines ten_read;
    for (int i = 0; i < 10; ++i) {
        ten.push_back(ping("payload-" + std::to_string(i)));
        ten_read.push_back("ping payload-" + std::to_string(i));
    }
    check({
        {"2.1", {ping("")}, {"ping "}},
        {"2.2", {ping("Hello, world!")}, {"ping Hello, world!"}},
        {"2.3", {ping(binary_payload)}, {"ping " + binary_payload}},
        {"2.4", {ping(of_size(125))}, {"ping " + of_size(125)}},
        {"2.5", {ping(of_size(126))}, protocol_error},
        {"2.6", {ping(of_size(125))}, {"ping " + of_size(125)}},
        {"2.7", {pong("")}, {"pong "}},
        {"2.8", {pong("unsolicited")}, {"pong unsolicited"}},
        {"2.9", {pong("unsolicited"), ping("after")}, {"pong unsolicited", "ping after"}},
        {"2.10", ten, ten_read},
        {"2.11", ten, ten_read},
    });
}

TEST_CASE("autobahn 3: a reserved bit ends the connection, what came before it is read") {
    const auto bad = [](std::uint8_t bits) { return with_reserved(binary("Hello"), bits); };
    const lines first_read{"message Hello", "failure 1002"};
    check({
        {"3.1", {bad(1)}, protocol_error},
        {"3.2", {binary("Hello"), bad(2), ping("")}, first_read},
        {"3.3", {binary("Hello"), bad(3), ping("")}, first_read},
        {"3.4", {binary("Hello"), bad(4), ping("")}, first_read},
        {"3.5", {with_reserved(binary(of_size(8)), 5)}, protocol_error},
        {"3.6", {with_reserved(ping("Hello"), 6)}, protocol_error},
        {"3.7", {with_reserved(close(1000), 7)}, protocol_error},
    });
}

TEST_CASE("autobahn 4: an unknown opcode ends the connection, data or control") {
    const lines first_read{"message Hello", "failure 1002"};
    check({
        {"4.1.1", {unknown(3)}, protocol_error},
        {"4.1.2", {unknown(4, "reserved")}, protocol_error},
        {"4.1.3", {binary("Hello"), unknown(5), ping("")}, first_read},
        {"4.1.4", {binary("Hello"), unknown(6, "Hello"), ping("")}, first_read},
        {"4.1.5", {binary("Hello"), unknown(7, "Hello"), ping("")}, first_read},
        {"4.2.1", {unknown(11)}, protocol_error},
        {"4.2.2", {unknown(12, "reserved")}, protocol_error},
        {"4.2.3", {binary("Hello"), unknown(13), ping("")}, first_read},
        {"4.2.4", {binary("Hello"), unknown(14, "Hello"), ping("")}, first_read},
        {"4.2.5", {binary("Hello"), unknown(15, "Hello"), ping("")}, first_read},
    });
}

TEST_CASE("autobahn 5.1 to 5.8: only data is fragmented, control frames may stand between") {
    const std::vector<frame_said> two{first("fragment1"), last("fragment2")};
    const std::vector<frame_said> with_ping{first("fragment1"), ping("ping payload"), last("fragment2")};
    const lines two_read{"message fragment1fragment2"};
    const lines with_ping_read{"ping ping payload", "message fragment1fragment2"};
    check({
        {"5.1", {fragment_of(ping("fragment1")), last("fragment2")}, protocol_error},
        {"5.2", {fragment_of(pong("fragment1")), last("fragment2")}, protocol_error},
        {"5.3", two, two_read},
        {"5.4", two, two_read},
        {"5.5", two, two_read},
        {"5.6", with_ping, with_ping_read},
        {"5.7", with_ping, with_ping_read},
        {"5.8", with_ping, with_ping_read},
    });
}

TEST_CASE("autobahn 5.9 to 5.17: a continuation of nothing ends the connection") {
    const auto hello = binary("Hello, world!");
    check({
        {"5.9", {last("non-continuation payload"), hello}, protocol_error},
        {"5.10", {last("non-continuation payload"), hello}, protocol_error},
        {"5.11", {last("non-continuation payload"), hello}, protocol_error},
        {"5.12", {middle("non-continuation payload"), hello}, protocol_error},
        {"5.13", {middle("non-continuation payload"), hello}, protocol_error},
        {"5.14", {middle("non-continuation payload"), hello}, protocol_error},
        {"5.15",
         {first("fragment1"), last("fragment2"), middle("fragment3"), binary("fragment4")},
         {"message fragment1fragment2", "failure 1002"}},
        {"5.16", {middle("fragment1"), first("fragment2"), last("fragment3")}, protocol_error},
        {"5.17", {last("fragment1"), first("fragment2"), last("fragment3")}, protocol_error},
    });
}

TEST_CASE("autobahn 5.18 to 5.20: a message inside a message is refused, pings inside one are not") {
    const std::vector<frame_said> five{first("fragment1"),  middle("fragment2"), ping("pongme 1!"),
                                       middle("fragment3"), middle("fragment4"), ping("pongme 2!"),
                                       last("fragment5")};
    const lines five_read{"ping pongme 1!", "ping pongme 2!",
                          "message fragment1fragment2fragment3fragment4fragment5"};
    check({
        {"5.18", {first("fragment1"), binary("fragment2")}, protocol_error},
        {"5.18 as text", {fragment_of(text("fragment1")), text("fragment2")}, unsupported},
        {"5.19", five, five_read},
        {"5.20", five, five_read},
    });
}

TEST_CASE("autobahn 7.1: nothing is read after a close") {
    const std::string big = of_size(256 * 1024);
    check({{"7.1.1", {binary("Hello World!"), close(1000)}, {"message Hello World!", "close 1000 "}},
           {"7.1.2", {close(1000), close(1000)}, {"close 1000 "}},
           {"7.1.3", {close(1000), ping("")}, {"close 1000 "}},
           {"7.1.4", {close(1000), binary("Hello World!")}, {"close 1000 "}},
           {"7.1.5", {first("fragment1"), close(1000), last("fragment2")}, {"close 1000 "}},
           {"7.1.6", {binary(big), close(1000), ping("")}, {"message " + big, "close 1000 "}}},
          512 * 1024);
}

TEST_CASE("autobahn 7.3: a close carries nothing, a code, or a code and a reason of up to 123 bytes") {
    check({
        {"7.3.1", {frame_said{8, true, 0, true, ""}}, {"close 1005 "}},
        {"7.3.2", {frame_said{8, true, 0, true, "a"}}, protocol_error},
        {"7.3.3", {close(1000)}, {"close 1000 "}},
        {"7.3.4", {close(1000, "Hello World!")}, {"close 1000 Hello World!"}},
        {"7.3.5", {close(1000, of_size(123))}, {"close 1000 " + of_size(123)}},
        {"7.3.6", {close(1000, of_size(124))}, protocol_error},
    });
}

TEST_CASE("autobahn 7.5.1: a close reason that is not UTF-8 is refused with 1007") {
    check({{"7.5.1",
            {close(1000,
                   "\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80"
                   "edited")},
            {"failure 1007"}}});
}

TEST_CASE("autobahn 7.7, 7.9 and 7.13: close codes that may be sent are taken, others refused") {
    std::vector<numbered_case> cases;
    int number = 1;
    for (const std::uint16_t code :
         codes{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
        cases.push_back(
            {"7.7." + std::to_string(number++), {close(code)}, {"close " + std::to_string(code) + " "}});
    }
    number = 1;
    for (const std::uint16_t code : codes{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999}) {
        cases.push_back({"7.9." + std::to_string(number++), {close(code)}, protocol_error});
    }
    cases.push_back({"7.13.1", {close(5000)}, protocol_error});
    cases.push_back({"7.13.2", {close(65535)}, protocol_error});
    check(cases);
}

TEST_CASE("autobahn 9.2: binary messages up to 16 MiB arrive where the limit allows them") {
    int number = 1;
    for (const std::size_t kib : {64, 256, 1024, 4096, 8192, 16384}) {
        INFO("case 9.2." << number++);
        const auto payload = of_size(kib * 1024);
        const auto stream = wire(binary(payload));
        CHECK((read_by_server(stream, 4096, 16 << 20) == lines{"message " + payload}));
        if (kib > 64) {
            CHECK((read_by_server(stream) == lines{"failure 1009"}));
        }
    }
}

TEST_CASE("autobahn 9.4: 4 MiB in up to 64 fragments arrive, in more they are refused") {
    const auto payload = of_size(4 << 20);
    int number = 1;
    for (const std::size_t size :
         {64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20}) {
        INFO("case 9.4." << number++);
        const auto fits = payload.size() / size <= limits::ws_fragments;
        const auto expected = fits ? "message " + payload : "failure 1002";
        CHECK((read_by_server(wire(in_fragments(payload, size)), 1 << 20, 4 << 20) == lines{expected}));
    }
}

TEST_CASE("autobahn 9.6: a message arrives however the network chops it") {
    const auto payload = of_size(1 << 20);
    const auto stream = wire(binary(payload));
    int number = 1;
    for (const std::size_t piece : {64, 128, 256, 512, 1024, 2048}) {
        INFO("case 9.6." << number++);
        CHECK((read_by_server(stream, piece, 1 << 20) == lines{"message " + payload}));
    }
}

TEST_CASE("autobahn 9.8: a thousand messages of one size arrive one by one") {
    int number = 1;
    for (const std::size_t size : {0, 16, 64, 256, 1024, 4096}) {
        INFO("case 9.8." << number++);
        const auto payload = of_size(size);
        const auto stream = wire(std::vector<frame_said>(1000, binary(payload)));
        CHECK(read_by_server(stream, 64 * 1024) == lines(1000, "message " + payload));
    }
}

TEST_CASE("autobahn 10.1.1: 64 KiB in fragments of 1,300 bytes arrive whole") {
    const auto payload = of_size(65536);
    CHECK((read_by_server(wire(in_fragments(payload, 1300))) == lines{"message " + payload}));
}

}  // namespace parley::frames_test
