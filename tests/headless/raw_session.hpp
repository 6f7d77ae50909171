#pragma once

#include "server/net/websocket_frames.hpp"
#include "shared/wire/codec.hpp"
#include "tests/support/native_client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace parley::testing {

/// A WebSocket whose every byte the test decides.
class raw_session {
public:
    /// Connects and upgrades as that user; "" as the cookie is nobody.
    explicit raw_session(const native_profile& who);
    raw_session(std::uint16_t port, const std::string& cookie);
    /// Upgrades with these headers instead of or beside the usual ones, as `upgrade_request` takes them.
    raw_session(std::uint16_t port, const std::vector<std::string>& headers);

    /// Sends these bytes as they are. False: the server has closed.
    bool send(byte_view what);

    /// Sends one masked frame.
    bool send(ws_opcode opcode, byte_view payload);

    /// Sends a frame of the protocol as one message.
    template <class Frame>
    bool say(const Frame& frame) {
        bytes message;
        wire::append(message, frame);
        return send(ws_opcode::binary, message);
    }

    /// The next frame that is of this kind, within `patience`; others are skipped.
    template <class Frame>
    std::optional<Frame> hear(std::chrono::milliseconds patience = std::chrono::seconds{10}) {
        for (auto frame = next_frame(patience); frame; frame = next_frame(patience)) {
            if (auto* found = std::get_if<Frame>(&*frame)) return std::move(*found);
        }
        return {};
    }

    /// What the server closes with, skipping what it says before; 0: it closed without a word, or not in
    /// time.
    std::uint16_t closed_with(std::chrono::milliseconds patience = std::chrono::seconds{10});

    /// hello and welcome.
    bool greet(user_id user);

    [[nodiscard]] int socket() const { return socket_.get(); }

private:
    std::optional<wire::frame_down> next_frame(std::chrono::milliseconds patience);
    bool receive(std::chrono::steady_clock::time_point until);

    unique_fd socket_;
    ws_reader reader_{ws_role::client};
    aligned_buffer scratch_;
    bytes input_;
    std::vector<wire::frame_down> heard_;
    std::size_t told_ = 0;
    std::uint16_t close_code_ = 0;
    bool over_ = false;
};

/// Connects to the server and says nothing.
[[nodiscard]] unique_fd connect_to(std::uint16_t port);

/// The head of the server's answer to `request`, sent on a new connection that stays open; "" if it closed.
[[nodiscard]] std::string answer_to(int socket, const std::string& request);

/// A good request to upgrade, with these headers instead of or beside its own ("Origin: …"); one without a
/// value is left out.
[[nodiscard]] std::string upgrade_request(std::uint16_t port, const std::vector<std::string>& headers = {});

}  // namespace parley::testing
