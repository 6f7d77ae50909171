#pragma once

#include "shared/client/client.hpp"
#include "shared/wire/codec.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley::testing {

inline constexpr user_id ann{{0x0189'0000'0000'0001u, 1}};
inline constexpr user_id bob{{0x0189'0000'0000'0002u, 2}};
inline constexpr room_id general{{0x0189'0000'0000'0010u, 16}};
inline constexpr room_id kitchen{{0x0189'0000'0000'0011u, 17}};
inline constexpr ulid tab_outbox{0x0189'0000'0000'0020u, 32};
inline constexpr ulid other_outbox{0x0189'0000'0000'0021u, 33};
inline constexpr std::int64_t server_ms = 1'700'000'000'000;

/// A device whose host and hub the test plays: it takes the client's effects apart and says frames to it.
///
///     device d;
///     d.start();
///     d.greet();
///     d.join(general);
///     const auto id = d.say(general, "hello");
///     CHECK(d.ops().back().text == "hello");
class device {
public:
    explicit device(client_config config = {}) : core(config, random_source{7}) {}

    // ---- the host
    void feed(const client_fact& fact);

    void pass(std::int64_t ms) { now.mono_ms += ms, now.wall_ms += ms; }

    /// Lets time pass from deadline to deadline.
    void wait(std::int64_t ms);

    /// Signed in as ann, with what the disk has; the socket is asked for.
    void start(bool memory_only = false);
    /// The tab is closed and opened again: memory gone, what the disk has stays.
    void reload();

    void open() { feed(socket_opened{socket}); }

    void close(std::uint16_t code = 1006) { feed(socket_closed{socket, code}); }

    /// Answers the oldest batch that the disk was asked for.
    void write();
    void write_all();
    void fail_write(persist_failed::reason why = persist_failed::reason::full);

    // ---- the person
    acknowledge intend(intended fact);
    change_id say(room_id room, std::string text);
    acknowledge type(room_id room, std::string text);
    void show(room_id room);

    // ---- the hub
    template <class Frame>
    void hub(const Frame& frame) {
        bytes message;
        wire::append(message, frame);
        hub_message(message);
    }

    void hub_message(const bytes& message);

    /// Opens the socket and says welcome, then the rooms, then that these were all.
    void greet(std::vector<wire::room> rooms = {}, wire::welcome welcome = {});
    /// Answers the open subscribe of `room` with all that `log` has from the cursor on, settled up to `w`.
    void resume(room_id room, const std::vector<wire::event>& log, std::uint64_t w, std::uint64_t epoch = 1);
    void hub_watermark(room_id room, std::uint64_t w, std::uint64_t epoch = 1);
    void answer(std::uint32_t request, errc code = errc::none);
    /// Connected, in `general`, which holds its creation and bob's "first", and following it.
    void be_in_general();

    // ---- what came out since the last `take`
    template <class Frame>
    std::vector<Frame> sent() const {
        std::vector<Frame> all;
        for (const auto& frame : up)
            if (const auto* one = std::get_if<Frame>(&frame)) all.push_back(*one);
        return all;
    }

    std::vector<wire::op> ops() const { return sent<wire::op>(); }

    std::optional<wire::subscribe> subscribed(room_id room) const;

    void forget() { up.clear(), logs.clear(); }

    bool logged(const std::string& event) const;

    const row_view* row(room_id room, const change_id& change);
    std::vector<std::string> texts(room_id room);
    op_state state(room_id room, const change_id& change);

    client core;
    instant now{1'000, server_ms};
    std::uint32_t socket = 0;
    bool socket_open = false;
    std::vector<wire::frame_up> up;
    std::vector<persist> writes;  ///< not answered yet
    std::vector<stored_record> disk;
    std::vector<acknowledge> answers;
    std::vector<client_log> logs;
    std::vector<ulid> released;
    std::optional<errc> sign_in;
    bool forgotten = false;

private:
    void carry_out(const client_effects& effects);
    void receive(const bytes& message);

    std::uint64_t next_intent_ = 1;
};

wire::event create_event(room_id room, std::uint64_t seq = 1, std::uint64_t epoch = 1);
wire::event message_event(room_id room, std::uint64_t seq, change_id id, std::string text,
                          std::uint64_t epoch = 1);
/// The event that the hub makes of an op.
wire::event event_of(const wire::op& op, std::uint64_t seq, std::uint64_t epoch = 1);
wire::op_reply reply_to(const wire::op& op, outcome outcome, errc code = errc::none);
wire::room room_frame(room_id id, std::string name, std::uint64_t w = 0, bool joined = true);
/// Somebody's change, made by nobody's device.
change_id bobs(std::uint64_t n);

}  // namespace parley::testing
