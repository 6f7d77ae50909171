#include "server/net/websocket_upgrade.hpp"

#include "shared/base/assert.hpp"
#include "shared/wire/frames.hpp"

#include <openssl/evp.h>

#include <array>

namespace parley {
namespace {

constexpr std::string_view handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Is `token` in the comma-separated lists of all headers of that name?
bool lists(const http_request& request, std::string_view name, std::string_view token, bool any_case) {
    for (const auto& [known, value] : request.headers) {
        if (!same_header(known, name)) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            const auto item = trimmed(rest.substr(0, comma));
            if (any_case ? same_header(item, token) : item == token) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

/// 16 bytes in base 64: 22 characters of its alphabet and "==".
bool valid_key(std::string_view key) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key.size() == 24 && key.ends_with("==") &&
           key.substr(0, 22).find_first_not_of(alphabet) == key.npos;
}

std::string accept_key(std::string_view key) {
    const std::string input = std::string{key}.append(handshake_guid);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    PARLEY_ASSERT(EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
    std::array<unsigned char, 64> text{};
    const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
    return {text.begin(), text.begin() + length};
}

}  // namespace

bool wants_upgrade(const http_request& request) {
    return request.method == "GET" && lists(request, "Upgrade", "websocket", true) &&
           lists(request, "Connection", "upgrade", true);
}

tl::expected<std::string, upgrade_refusal> accept_upgrade(const http_request& request) {
    const auto* version = request.header("Sec-WebSocket-Version");
    if (!version || trimmed(*version) != "13") {
        return tl::unexpected(
            upgrade_refusal{426,
                            {errc::unsupported_version, "version 13 of WebSocket is spoken here"},
                            {{"Sec-WebSocket-Version", "13"}, {"Upgrade", "websocket"}}});
    }
    const auto* key = request.header("Sec-WebSocket-Key");
    if (!key || !valid_key(trimmed(*key))) {
        return tl::unexpected(
            upgrade_refusal{400, {errc::malformed, "Sec-WebSocket-Key is not 16 bytes"}, {}});
    }
    if (!lists(request, "Sec-WebSocket-Protocol", subprotocol, false)) {
        return tl::unexpected(upgrade_refusal{
            400, {errc::unsupported_version, "ask for the subprotocol " + std::string{subprotocol}}, {}});
    }
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
           "Upgrade\r\nSec-WebSocket-Accept: " +
           accept_key(trimmed(*key)) + "\r\nSec-WebSocket-Protocol: " + std::string{subprotocol} + "\r\n\r\n";
}

}  // namespace parley
