#include "shared/wire/codec.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// docs/PROTOCOL.md carries a table of error codes and example frames. Both are held against the code here;
// run with PARLEY_WRITE_DOCS=1 to write them anew.

using namespace parley;
using namespace parley::wire;

namespace {

const std::string root = PARLEY_SOURCE_DIR;

std::string read_file(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

bool writing() {
    return std::getenv("PARLEY_WRITE_DOCS") != nullptr;
}

std::string hex(const bytes& message) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < message.size(); ++i) {
        if (i > 0) out += i % 32 == 0 ? "\n" : i % 4 == 0 ? " " : "";
        out += digits[message[i] >> 4];
        out += digits[message[i] & 15];
    }
    return out + "\n";
}

bytes from_hex(const std::string& text) {
    bytes out;
    std::string pair;
    for (const char c : text) {
        if (c == ' ' || c == '\n') continue;
        pair += c;
        if (pair.size() < 2) continue;
        out.push_back(static_cast<std::uint8_t>(std::stoi(pair, nullptr, 16)));
        pair.clear();
    }
    return out;
}

template <class Frame>
bytes encoded(const Frame& frame) {
    bytes message;
    append(message, frame);
    return message;
}

constexpr ulid id_of(std::uint64_t n) {
    return make_ulid(1'700'000'000'000, 0, n);
}

std::vector<std::pair<std::string, bytes>> examples() {
    event said;
    said.room = room_id{id_of(2)};
    said.seq = 17;
    said.epoch = 1'700'000'000'000'123;
    said.id = {user_id{id_of(1)}, op_id{id_of(4)}};
    said.author_name = "ann";
    said.time_ms = 1'700'000'001'000;
    said.kind = change_kind::message;
    said.text = "hello";
    return {
        {"hello", encoded(hello{1, user_id{id_of(1)}, device_id{id_of(3)}, "example"})},
        {"subscribe", encoded(subscribe{1, room_id{id_of(2)}, 16, 1'700'000'000'000'123})},
        {"op", encoded(op{
                   op_id{id_of(4)}, room_id{id_of(2)}, {}, 16, 1, false, change_kind::message, "", "hello"})},
        {"event", encoded(said)},
        {"watermark", encoded(watermark{room_id{id_of(2)}, 1'700'000'000'000'123, 17, {}})},
    };
}

std::string error_table() {
    std::string table = "| code | name | meaning |\n|---|---|---|\n";
    for (std::uint16_t i = 1; i < 1000; ++i) {
        const auto code = static_cast<errc>(i);
        if (name_of(code) != "unknown")
            table += "| " + std::to_string(i) + " | `" + std::string(name_of(code)) + "` | " +
                     std::string(sentence_of(code)) + " |\n";
    }
    return table;
}

std::string example_blocks() {
    std::string out;
    for (const auto& [name, message] : examples())
        out += "`" + name + "`\n\n```\n" + hex(message) + "```\n\n";
    return out;
}

/// The document with what stands between the markers `name`:begin and `name`:end replaced.
std::string with_section(const std::string& document, const std::string& name, const std::string& body) {
    const std::string begin = "<!-- " + name + ":begin -->\n", end = "<!-- " + name + ":end -->";
    const auto from = document.find(begin), to = document.find(end);
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    return document.substr(0, from + begin.size()) + "\n" + body + (body.back() == '\n' ? "" : "\n") +
           document.substr(to);
}

}  // namespace

TEST_CASE("the protocol document tells the codes and the examples of this code") {
    const auto path = root + "/docs/PROTOCOL.md";
    const auto document = read_file(path);
    auto current = with_section(document, "errors", error_table() + "\n");
    current = with_section(current, "examples", example_blocks());
    if (writing())
        write_file(path, current);
    else
        CHECK(document == current);
}

TEST_CASE("the example frames are read as what they say") {
    for (const auto& [name, message] : examples()) {
        const auto path = root + "/tests/fixtures/wire/" + name + ".hex";
        if (writing()) write_file(path, hex(message));
        CHECK(from_hex(read_file(path)) == message);
    }
    const auto stored = from_hex(read_file(root + "/tests/fixtures/wire/event.hex"));
    frame_reader frames{stored};
    const auto decoded = decode_down(frames.next());
    REQUIRE(decoded);
    CHECK(std::get<event>(*decoded).text == "hello");
}
