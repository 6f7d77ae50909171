#include "server/net/websocket_frames.hpp"
#include "shared/client/local_generated.h"
#include "shared/wire/codec.hpp"
#include "tests/fuzz/grammar.hpp"
#include "tests/fuzz/plain_server.hpp"
#include "tests/support/recorded_worker.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

/// fuzz_seeds FOLDER: writes what fuzzing begins with into FOLDER/<target>: frames, requests and facts as
/// they really are. The targets that read an input as a row of decisions need none.
namespace {

using namespace parley;
using namespace parley::fuzz;
namespace fs = std::filesystem;
namespace fb = flatbuffers;

class seed_folder {
public:
    seed_folder(const fs::path& root, const std::string& target) : path_(root / target) {
        fs::create_directories(path_);
    }

    void put(byte_view seed) {
        std::ofstream file{path_ / ("seed-" + std::to_string(++count_)), std::ios::binary};
        file.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
    }

    void put(const std::string& prefix, const std::string& text) {
        const auto all = prefix + text;
        put(byte_view{reinterpret_cast<const std::uint8_t*>(all.data()), all.size()});
    }

private:
    fs::path path_;
    int count_ = 0;
};

void put_websocket_frames(seed_folder out) {
    const bytes short_one(20, 'x'), long_one(300, 'y');
    bytes up{0, 0, 0}, down{1, 0, 0};
    for (const auto& payload : {short_one, long_one}) {
        append_masked_ws_frame(up, ws_opcode::binary, payload, 0x12345678);
        append_ws_frame(down, ws_opcode::binary, payload);
    }
    append_masked_ws_frame(up, ws_opcode::ping, short_one, 0x12345678);
    append_ws_frame(down, ws_opcode::pong, short_one);
    const std::size_t binary_at = up.size();
    append_masked_ws_frame(up, ws_opcode::binary, short_one, 1);
    up[binary_at] &= 0x7f;  // the first fragment of two
    append_masked_ws_frame(up, ws_opcode::continuation, long_one, 2);
    append_masked_ws_frame(up, ws_opcode::close, ws_close_payload(1000, "done"), 3);
    append_ws_frame(down, ws_opcode::close, ws_close_payload(4401));
    out.put(up);
    out.put(down);
}

void put_wire_frames(seed_folder out) {
    vocabulary words;
    words.time_ms = 1'700'000'000'000;
    const auto put = [&](const auto& frame) {
        bytes message;
        std::visit(
            [&](const auto& known) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(known)>, wire::skipped>)
                    wire::append(message, known);
            },
            frame);
        out.put(message);
    };
    for (std::uint8_t kind = 0; kind < 16; ++kind) {
        bytes decisions(64, 'a');
        decisions[0] = kind;
        choices down{decisions}, up{decisions};
        put(a_frame_down(down, words));
        put(a_frame_up(up, words));
    }
}

void put_http_requests(seed_folder out) {
    const std::string cut(1, '\x07');
    out.put(cut, "GET / HTTP/1.1\r\nHost: localhost:8080\r\nX-Forwarded-For: 1.2.3.4, ::1\r\n\r\n");
    out.put(cut,
            "POST /api/session?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
            "Cookie: a=b; parley=token\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
            "{\"a\": \"body\"}GET /api/rooms/01ARZ3NDEKTSV4RRFFQ69G5FAV HTTP/1.0\r\n\r\n");
    out.put(
        cut,
        "GET /ws HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Authorization: Bearer token\r\nSec-WebSocket-Protocol: parley.v1\r\n\r\n\x81");
    out.put(cut, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
}

void put_json_bodies(seed_folder out) {
    for (const char* text :
         {R"({"username":"ann","password":"correct horse","invite":null})",
          R"({"text":"\u00e4\ud83d\ude00 \u0000","deep":[[{"a":{}}]],"n":[1,-2.5e3,true]})",
          R"({"a":1,"a":2})", "limit=20&before=18446744073709551615", "limit=0&limit=1"})
        out.put("", text);
}

/// A call of `core_border`: which and when, and for a step the length of its fact.
void put_step(bytes& input, fb::FlatBufferBuilder& b, local::fact kind, fb::Offset<void> fact) {
    b.Finish(local::Createfact_in(b, kind, fact));
    input.push_back(0x10);
    input.push_back(static_cast<std::uint8_t>(b.GetSize()));
    input.push_back(static_cast<std::uint8_t>(b.GetSize() >> 8));
    input.insert(input.end(), b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
    input.push_back(0x1f);
}

template <class Make>
void put_fact(bytes& input, local::fact kind, Make make) {
    fb::FlatBufferBuilder b;
    const auto fact = make(b);
    put_step(input, b, kind, fact.Union());
}

void put_core_border(seed_folder out) {
    const auto user = to_text(some_user(0)), own = to_text(some_outbox(0)), room = to_text(some_room(0));
    bytes input;
    put_fact(input, local::fact::started, [&](auto& b) {
        return local::CreatestartedDirect(b, 1, 2, user.c_str(), "ann", own.c_str(), nullptr, false, true);
    });
    put_fact(input, local::fact::socket_opened, [](auto& b) { return local::Createsocket_opened(b, 1); });
    plain_server server{some_user(0)};
    server.hears(wire::hello{});
    bytes greeting;
    server.answer(1'700'000'000'000, greeting);
    put_fact(input, local::fact::bytes_arrived,
             [&](auto& b) { return local::Createbytes_arrived(b, 1, b.CreateVector(greeting)); });
    put_fact(input, local::fact::intended, [&](auto& b) {
        return local::CreateintendedDirect(b, 1, local::intent_kind::show_room, room.c_str());
    });
    put_fact(input, local::fact::patch_drawn, [](auto& b) { return local::Createpatch_drawn(b, 1); });
    put_fact(input, local::fact::intended, [&](auto& b) {
        return local::CreateintendedDirect(b, 2, local::intent_kind::send_message, room.c_str(), "", "",
                                           "hi");
    });
    put_fact(input, local::fact::persisted, [](auto& b) { return local::Createpersisted(b, 1); });
    out.put(input);
    put_fact(input, local::fact::persist_failed, [](auto& b) { return local::Createpersist_failed(b, 2); });
    put_fact(input, local::fact::outbox_claimed,
             [&](auto& b) { return local::Createoutbox_claimedDirect(b, to_text(some_outbox(1)).c_str()); });
    put_fact(input, local::fact::socket_closed,
             [](auto& b) { return local::Createsocket_closed(b, 1, 1006); });
    put_fact(input, local::fact::network_changed,
             [](auto& b) { return local::Createnetwork_changed(b, true); });
    put_fact(input, local::fact::page_shown, [](auto& b) { return local::Createpage_shown(b, true); });
    put_fact(input, local::fact::deadline_passed, [](auto& b) { return local::Createdeadline_passed(b); });
    put_fact(input, local::fact::signed_in,
             [&](auto& b) { return local::Createsigned_inDirect(b, user.c_str()); });
    put_fact(input, local::fact::signed_out, [](auto& b) { return local::Createsigned_out(b); });
    out.put(input);
}

void put_recordings(seed_folder out) {
    constexpr std::ptrdiff_t head = 20, check = 8;  // of the envelope
    auto all = testing::a_talk();
    const auto file = recorder::write_file(all);
    out.put(file);
    out.put(bytes(file.begin() + head, file.end() - check));
    all.flights[0].moments.resize(2);
    const auto beginning = recorder::write_file(all);
    out.put(bytes(beginning.begin() + head, beginning.end() - check));
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) {
        std::cerr << "usage: fuzz_seeds FOLDER\n";
        return 1;
    }
    const fs::path root{words[1]};
    put_websocket_frames({root, "websocket_frames"});
    put_wire_frames({root, "wire_frames"});
    put_http_requests({root, "http_requests"});
    put_json_bodies({root, "json_bodies"});
    put_core_border({root, "core_border"});
    put_recordings({root, "recordings"});
    return 0;
}
