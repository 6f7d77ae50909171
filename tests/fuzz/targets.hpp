#pragma once

#include "shared/base/bytes.hpp"

#include <span>
#include <string_view>

/// What is fuzzed: each target is a function that must come back from any bytes whatever. It aborts, by an
/// assertion or a sanitizer, where a promise is broken. A target remembers nothing between two inputs.
namespace parley::fuzz {

void websocket_frames(byte_view input);  ///< RFC 6455: how the stream was cut never changes what is read
void wire_frames(byte_view input);       ///< FlatBuffers, both ways: what is decoded encodes to the same
void http_requests(byte_view input);     ///< heads, bodies, upgrades
void json_bodies(byte_view input);       ///< bodies and queries of the API
void stored_records(byte_view input);    ///< what stands on a device, read back by a client
void client_facts(byte_view input);      ///< a client with any host, any disk and any server
void hub_facts(byte_view input);         ///< a hub with any sessions, on a backbone and a store that may fail
void core_border(byte_view input);       ///< the exports of the WebAssembly core
void recordings(byte_view input);        ///< files of the flight recorder: read, masked and played

struct target {
    std::string_view name;
    void (*run)(byte_view input);
};

/// All of them; the names are those of the folders in corpus/.
[[nodiscard]] std::span<const target> targets();

/// Null if there is none of that name.
[[nodiscard]] const target* find_target(std::string_view name);

}  // namespace parley::fuzz
