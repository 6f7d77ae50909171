#pragma once

#include "shared/base/bytes.hpp"
#include "tests/simulation/base/surroundings.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace parley::simulation {

/// Two ends and a TCP connection between them: in order each way, late, stalled, silenced one way, broken
/// after any byte; and each end may believe in it long after the other has given it up.
class link : public std::enable_shared_from_this<link> {
public:
    /// What an end wants to hear. Nothing is called any more once it has closed or was dropped.
    struct end {
        std::function<void(const bytes&)> received;
        std::function<void(std::uint16_t code)> closed;
        std::function<void()> ponged = [] {};
        std::function<void()> progressed = [] {};  ///< some of what was sent has been read
    };

    /// Both ways of a connection: `up` goes to the server.
    enum class way : std::uint8_t { up, down };

    link(surroundings& around, std::uint64_t number)
        : around_(around), chance_(around.chance_of(stream::link, number)) {}

    ~link();
    link(const link&) = delete;
    link& operator=(const link&) = delete;

    void attach_device(end e) { device_ = std::make_shared<const end>(std::move(e)); }

    void attach_server(end e) { server_ = std::make_shared<const end>(std::move(e)); }

    void send(way to, bytes message);

    /// A ping of RFC 6455's, which the far end's browser or library answers by itself.
    void ping_device();

    /// One end closes in order: the other hears of it behind what was sent before.
    void close(way to, std::uint16_t code);

    /// The process at one end is gone. What it has sent may still arrive, or is reset with it.
    void drop(way to);

    // ---- faults

    /// Nothing on the way arrives any more. Each end hears of it some time later, or must find out.
    void cut();

    /// The connection breaks when so many more bytes have gone that way; a message that straddles them does
    /// not arrive.
    void cut_after(way which, std::size_t bytes_more);

    /// The device's end closes at once, in disorder; what it has sent arrives late, and the server goes on
    /// believing.
    void half_open();

    /// Nothing goes that way any more, and nobody is told.
    void silence(way which);

    void stall(way which, std::int64_t ms);

    // ---- what can be seen of it

    /// Sent to the device, and more than the kernels between take.
    [[nodiscard]] std::size_t unsent() const;

    [[nodiscard]] std::size_t queued(way which) const { return pipe_of(which).bytes; }

    [[nodiscard]] bool open_at_server() const { return server_ != nullptr; }

    [[nodiscard]] bool whole() const { return !cut_ && server_ && device_ && !up_.silent && !down_.silent; }

private:
    struct parcel {
        enum class kind : std::uint8_t { message, ping, pong, close };
        std::int64_t at_ms = 0;
        kind what = kind::message;
        bytes message;
        std::uint16_t code = 0;
    };

    struct pipe {
        std::deque<parcel> way;
        std::size_t bytes = 0;
        std::int64_t not_before_ms = 0;
        std::optional<std::size_t> breaks_after;
        bool silent = false;
        bool moving = false;
    };

    [[nodiscard]] pipe& pipe_of(way which) { return which == way::up ? up_ : down_; }

    [[nodiscard]] const pipe& pipe_of(way which) const { return which == way::up ? up_ : down_; }

    using end_ptr = std::shared_ptr<const end>;

    [[nodiscard]] end_ptr& far_end(way which) { return which == way::up ? server_ : device_; }

    void lose_all();
    void put(way which, parcel what);
    void move(way which);
    void deliver(way which, const parcel& what);
    void hear_end(way which, std::int64_t after_ms);
    void end_of(end_ptr& e, std::uint16_t code);

    surroundings& around_;
    dice chance_;
    end_ptr device_;
    end_ptr server_;
    pipe up_, down_;
    bool cut_ = false;
};

}  // namespace parley::simulation
