#pragma once

#include "server/net/unique_fd.hpp"
#include "server/net/websocket_frames.hpp"
#include "shared/client/client.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The client core over real sockets: what the browser's worker is, without a browser.
namespace parley::testing {

/// Who is signed in at a server, and what this device keeps: it survives a reload.
struct native_profile {
    std::uint16_t port = 0;
    std::string name;
    std::string cookie;
    user_id user;
    ulid outbox;
    std::map<std::string, bytes> disk;
};

/// Creates an account over HTTP. Throws what the server answered if it refuses.
[[nodiscard]] native_profile sign_up(std::uint16_t port, const std::string& name);

/// One tab of one user. Performs the core's effects: opens the socket, writes, keeps records on its "disk".
///
///     native_client ann{sign_up(port, "ann")}, bob{sign_up(port, "bob")};
///     ann.say(general_room, "hello");
///     REQUIRE(run_until({ann, bob}, [&] { return bob.texts(general_room).size() == 1; }));
class native_client {
public:
    explicit native_client(native_profile profile, client_config config = impatient());

    /// Tries again within milliseconds, for tests.
    [[nodiscard]] static client_config impatient();

    // what a person does
    change_id say(room_id room, const std::string& text);
    room_id create(const std::string& name);
    change_id join(room_id room);
    change_id leave(room_id room);
    void show(room_id room);
    void load_older(room_id room);
    /// The page is loaded again: only what is on the disk survives.
    void reload();
    /// From now on it reaches its server at another port.
    void move(std::uint16_t port);
    /// The network is gone in the middle of whatever was being said.
    void cut();

    // what a person sees
    [[nodiscard]] client& core() { return *core_; }

    [[nodiscard]] client_status status() { return core_->status(now()); }

    [[nodiscard]] bool live() { return status().connection == connection_state::live; }

    [[nodiscard]] const native_profile& profile() const { return profile_; }

    /// The committed messages of a room, in the order drawn.
    [[nodiscard]] std::vector<std::string> texts(room_id room);
    /// Whether all of a room is held, from its beginning; asks for the next older page if it is not.
    [[nodiscard]] bool holds_all(room_id room);
    [[nodiscard]] bool joined(room_id room);
    [[nodiscard]] bool caught_up(room_id room);

    [[nodiscard]] std::optional<std::uint16_t> last_close() const { return last_close_; }

    [[nodiscard]] errc asked_to_sign_in() const { return asked_to_sign_in_; }

    [[nodiscard]] errc last_refusal() const { return last_refusal_; }

    // for the loop
    [[nodiscard]] int socket() const { return socket_.get(); }

    [[nodiscard]] bool wants_to_write() const { return !unsent_.empty(); }

    [[nodiscard]] std::optional<deadline_ms> deadline() const { return core_->deadline(); }

    /// Reads, writes and lets the core know what time it is.
    void turn();

    [[nodiscard]] static instant now();

private:
    void begin();
    acknowledge intend(intended what);
    void step(const client_fact& fact);
    void perform(client_effect& effect);
    void connect(std::uint32_t attempt);
    void disconnect(std::uint16_t code);
    void receive();
    void take(byte_view input);
    void write();

    native_profile profile_;
    client_config config_;
    std::unique_ptr<client> core_;
    std::uint64_t begun_ = 0;
    std::uint64_t intents_ = 0;
    std::map<std::uint64_t, acknowledge> acknowledged_;
    std::deque<client_fact> later_;  ///< facts that effects have led to
    bool stepping_ = false;

    unique_fd socket_;
    std::uint32_t attempt_ = 0;
    bool upgraded_ = false;
    std::string answer_;  ///< to the upgrade, as far as it is here
    ws_reader reader_{ws_role::client};
    aligned_buffer scratch_;
    bytes unsent_;
    std::optional<std::uint16_t> last_close_;
    errc asked_to_sign_in_ = errc::none;
    errc last_refusal_ = errc::none;
};

using native_clients = std::vector<std::reference_wrapper<native_client>>;

/// Drives them until `holds`; false if it did not within `patience`.
[[nodiscard]] bool run_until(const native_clients& clients, const std::function<bool()>& holds,
                             std::chrono::milliseconds patience = std::chrono::seconds{20});

}  // namespace parley::testing
