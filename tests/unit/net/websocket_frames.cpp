#include "server/net/websocket_frames.hpp"

#include "shared/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/net/websocket_frames_wire.hpp"

namespace parley::frames_test {
namespace {

byte_view view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A header with its length in a form of our choice, masked with a key of zeros.
bytes header_with_length(std::uint8_t form, std::uint64_t length) {
    bytes out{0x82, static_cast<std::uint8_t>(0x80 | form)};
    const int size = form == 126 ? 2 : 8;
    for (int i = size - 1; i >= 0; --i) {
        out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
    }
    out.insert(out.end(), 4, 0);
    return out;
}

std::string random_payload(random_source& random, std::uint64_t longest) {
    std::string payload(random.below(longest + 1), '\0');
    for (auto& c : payload) {
        c = static_cast<char>(random.below(256));
    }
    return payload;
}

/// A conversation with everything a client may say, and the lines it is read as.
std::pair<bytes, lines> random_stream(random_source& random) {
    std::vector<frame_said> said;
    lines read;
    const auto maybe_control = [&] {
        if (random.one_in(3)) {
            said.push_back(random.one_in(2) ? ping(random_payload(random, 125))
                                            : pong(random_payload(random, 125)));
            read.push_back((said.back().opcode == 9 ? "ping " : "pong ") + said.back().payload);
        }
    };
    for (auto messages = random.below(8); messages-- > 0;) {
        maybe_control();
        std::string whole;
        const auto fragments = random.one_in(2) ? 1 : 1 + random.below(5);
        for (std::uint64_t i = 0; i < fragments; ++i) {
            const auto payload = random_payload(random, random.one_in(8) ? 5000 : 200);
            whole += payload;
            said.push_back({static_cast<std::uint8_t>(i == 0 ? 2 : 0), i + 1 == fragments, 0, true, payload});
            if (i + 1 != fragments) {
                maybe_control();
            }
        }
        read.push_back("message " + whole);
    }
    if (random.one_in(2)) {
        said.push_back(close(1000, "bye"));
        read.push_back("close 1000 bye");
    }
    return {wire(said), read};
}

}  // namespace

TEST_CASE("however a stream is cut it reads the same") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        INFO("seed " << seed);
        random_source random{seed};
        const auto [stream, expected] = random_stream(random);
        CHECK(read_by_server(stream) == expected);
        CHECK(read_by_server(stream, 1) == expected);

        ws_reader reader{ws_role::server};
        lines read;
        for (byte_view rest = stream; !rest.empty();) {
            const auto piece = rest.first(std::min<std::size_t>(rest.size(), 1 + random.below(400)));
            rest = rest.subspan(piece.size());
            for (auto& line : read_in_pieces(reader, piece, piece.size())) {
                read.push_back(std::move(line));
            }
        }
        CHECK(read == expected);
    }
}

TEST_CASE("damaged streams fail the same way however they are cut and never read past the damage") {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        INFO("seed " << seed);
        random_source random{seed};
        auto stream = random_stream(random).first;
        if (stream.empty()) {
            continue;
        }
        for (int flips = 0; flips < 3; ++flips) {
            stream[random.below(stream.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
        }
        const auto read = read_by_server(stream);
        CHECK(read_by_server(stream, 1) == read);
        CHECK(read_by_server(stream, 13) == read);
        const auto ends = [](const std::string& line) {
            return line.rfind("failure ", 0) == 0 || line.rfind("close ", 0) == 0;
        };
        CHECK(std::count_if(read.begin(), read.end(), ends) <= 1);
        CHECK((read.empty() || std::find_if(read.begin(), read.end() - 1, ends) == read.end() - 1));
    }
}

TEST_CASE("an unmasked frame from a client is refused") {
    CHECK((read_by_server(wire(frame_said{2, true, 0, false, "hello"})) == lines{"failure 1002"}));
    CHECK((read_by_server(wire(frame_said{9, true, 0, false, ""})) == lines{"failure 1002"}));
}

TEST_CASE("a client reads unmasked frames and refuses masked ones") {
    ws_reader client{ws_role::client};
    const auto good = wire(frame_said{2, true, 0, false, "hello"});
    CHECK((read_in_pieces(client, good, 3) == lines{"message hello"}));
    const auto bad = wire(binary("hello"));
    CHECK((read_in_pieces(client, bad, bad.size()) == lines{"failure 1002"}));
}

TEST_CASE("a length that is not in its shortest form is refused") {
    CHECK((read_by_server(header_with_length(126, 0)) == lines{"failure 1002"}));
    CHECK((read_by_server(header_with_length(126, 125)) == lines{"failure 1002"}));
    CHECK((read_by_server(header_with_length(127, 125)) == lines{"failure 1002"}));
    CHECK((read_by_server(header_with_length(127, 65535)) == lines{"failure 1002"}));
    CHECK((read_by_server(header_with_length(127, std::uint64_t{1} << 63 | 65536)) == lines{"failure 1002"}));
}

TEST_CASE("a message over the limit is refused at its header, before it is kept") {
    CHECK((read_by_server(header_with_length(127, 65537)) == lines{"failure 1009"}));
    CHECK((read_by_server(header_with_length(127, ~std::uint64_t{0} >> 1)) == lines{"failure 1009"}));

    auto fragments = wire({first(std::string(60'000, 'x')), ping("")});
    const auto next = header_with_length(126, 5'537);
    fragments.insert(fragments.end(), next.begin(), next.end());
    fragments[fragments.size() - next.size()] = 0x80;
    CHECK((read_by_server(fragments) == lines{"ping ", "failure 1009"}));
}

TEST_CASE("a message has at most 64 fragments, of any size") {
    std::vector<frame_said> said{first("")};
    said.insert(said.end(), 62, middle(""));
    auto sixty_four = said;
    sixty_four.push_back(last("end"));
    CHECK((read_by_server(wire(sixty_four)) == lines{"message end"}));

    said.insert(said.end(), 1, middle(""));
    said.push_back(last("end"));
    CHECK((read_by_server(wire(said)) == lines{"failure 1002"}));
}

TEST_CASE("every payload begins on an 8-byte boundary") {
    for (std::size_t piece : {1, 5, 64, 1 << 20}) {
        ws_reader reader{ws_role::server};
        aligned_buffer scratch;
        const auto stream = wire({binary("a"), first("bc"), last("def"), ping("ghij"), binary("klmno")});
        for (byte_view rest = stream; !rest.empty();) {
            auto input = rest.first(std::min(piece, rest.size()));
            rest = rest.subspan(input.size());
            while (const auto event = reader.next(input, scratch)) {
                CHECK(reinterpret_cast<std::uintptr_t>(event.payload.data()) % 8 == 0);
            }
        }
    }
}

TEST_CASE("a frame at hand is read without keeping anything of it") {
    ws_reader reader{ws_role::server};
    aligned_buffer scratch;
    const auto stream = wire({binary("one"), binary("two")});
    byte_view input = stream;
    CHECK(line_of(reader.next(input, scratch)) == "message one");
    const auto* place = scratch.bytes().data();
    CHECK(line_of(reader.next(input, scratch)) == "message two");
    CHECK(scratch.bytes().data() == place);
    CHECK(input.empty());
}

TEST_CASE("a header is written in its shortest form") {
    std::array<std::uint8_t, ws_header_limit_bytes> out{};
    CHECK(write_ws_header(out.data(), ws_opcode::binary, 125) == 2);
    CHECK((out[0] == 0x82 && out[1] == 125));
    CHECK(write_ws_header(out.data(), ws_opcode::binary, 126) == 4);
    CHECK((out[1] == 126 && out[2] == 0 && out[3] == 126));
    CHECK(write_ws_header(out.data(), ws_opcode::binary, 65535) == 4);
    CHECK(write_ws_header(out.data(), ws_opcode::pong, 65536) == 10);
    CHECK((out[0] == 0x8a && out[1] == 127 && out[6] == 0 && out[7] == 1 && out[8] == 0 && out[9] == 0));
}

TEST_CASE("what a server writes a client reads") {
    for (const std::size_t size : {0, 1, 125, 126, 65535, 65536}) {
        const std::string payload(size, 'p');
        bytes stream;
        append_ws_frame(stream, ws_opcode::binary, view(payload));
        ws_reader client{ws_role::client};
        CHECK((read_in_pieces(client, stream, 1000) == lines{"message " + payload}));
    }
}

TEST_CASE("a close payload holds its code and as much of the reason as fits between two characters") {
    CHECK(ws_close_payload(ws_no_status).empty());
    CHECK((ws_close_payload(1000) == bytes{0x03, 0xe8}));
    CHECK((ws_close_payload(4401, "no") == bytes{0x11, 0x31, 'n', 'o'}));
    CHECK(ws_close_payload(1000, std::string(200, 'x')).size() == 125);

    std::string letters;  // 124 bytes: the cut would fall into the last one
    for (int i = 0; i < 62; ++i) {
        letters += "\xc3\xa4";
    }
    CHECK(ws_close_payload(1000, letters).size() == 2 + 122);
    bytes frame;
    append_masked_ws_frame(frame, ws_opcode::close, ws_close_payload(1000, letters), any_key);
    CHECK((read_by_server(frame) == lines{"close 1000 " + letters.substr(0, 122)}));
}

TEST_CASE("codes assigned since the first registry may be sent too") {
    for (const std::uint16_t code : codes{1012, 1013, 1014}) {
        CHECK(is_sendable_close_code(code));
    }
    CHECK_FALSE(is_sendable_close_code(1015));
}

}  // namespace parley::frames_test
