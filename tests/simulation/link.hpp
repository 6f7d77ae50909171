#pragma once

#include "server/hub/hub.hpp"
#include "shared/base/bytes.hpp"
#include "tests/simulation/surroundings.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace parley::simulation {

/// One TCP connection between a device and the server: in order each way, late, stalled or cut at any moment,
/// and each end may believe in it after the other has given it up.
class link : public std::enable_shared_from_this<link> {
public:
    /// What the ends want to hear. Not called any more once that end is `gone`.
    struct end {
        std::function<void(const bytes&)> received;
        std::function<void(std::uint16_t code)> closed;
    };

    link(surroundings& around) : around_(around) {}

    void attach_device(end e) { device_ = std::move(e); }

    void attach_server(end e) { server_ = std::move(e); }

    void up(bytes message) { carry(to_server_, std::move(message), true); }

    void down(bytes message) { carry(to_device_, std::move(message), false); }

    /// An end closes in order: the other hears of it behind what was sent before.
    void close_by_device() { close(device_, to_server_, true, 1000); }

    void close_by_server(std::uint16_t code) { close(server_, to_device_, false, code); }

    /// Nothing on the way arrives any more. Each end hears of it some time later, the server perhaps much
    /// later.
    void cut() {
        if (cut_) return;
        cut_ = true;
        const auto self = shared_from_this();
        around_.clock.after(around_.upto(200), [self] { self->end_of(self->device_, 1006); });
        around_.clock.after(around_.upto(around_.chance.one_in(3) ? 20'000 : 300),
                            [self] { self->end_of(self->server_, 1006); });
    }

    /// One end is destroyed without a word (a tab or the server is killed); the other hears of it soon.
    void drop_device() {
        device_.reset();
        cut_silently(server_);
    }

    void drop_server() {
        server_.reset();
        cut_silently(device_);
    }

    void stall(std::int64_t ms) { stalled_until_ms_ = around_.clock.now_ms() + ms; }

    [[nodiscard]] bool open_at_server() const { return server_.has_value(); }

    [[nodiscard]] bool usable() const { return !cut_ && server_ && device_; }

private:
    struct lane {
        std::int64_t last_ms = 0;
    };

    std::int64_t arrival(lane& l) {
        std::int64_t at = around_.clock.now_ms() + around_.upto(around_.rate.latency_ms);
        if (at < stalled_until_ms_) at = stalled_until_ms_;
        if (at < l.last_ms) at = l.last_ms;
        return l.last_ms = at;
    }

    void carry(lane& l, bytes message, bool upwards) {
        if (cut_) return;
        const auto self = shared_from_this();
        around_.clock.after(arrival(l) - around_.clock.now_ms(),
                            [self, message = std::move(message), upwards] {
                                auto& to = upwards ? self->server_ : self->device_;
                                if (!self->cut_ && to) to->received(message);
                            });
    }

    void close(std::optional<end>& mine, lane& l, bool upwards, std::uint16_t code) {
        mine.reset();
        if (cut_) return;
        const auto self = shared_from_this();
        around_.clock.after(arrival(l) - around_.clock.now_ms(), [self, upwards, code] {
            if (!self->cut_) self->end_of(upwards ? self->server_ : self->device_, code);
        });
    }

    void cut_silently(std::optional<end>&) {
        if (cut_) return;
        cut_ = true;
        const auto self = shared_from_this();
        around_.clock.after(around_.upto(300), [self] {
            self->end_of(self->device_, 1006);
            self->end_of(self->server_, 1006);
        });
    }

    void end_of(std::optional<end>& e, std::uint16_t code) {
        if (!e) return;
        const auto closed = std::move(e->closed);
        e.reset();
        closed(code);
    }

    surroundings& around_;
    std::optional<end> device_;
    std::optional<end> server_;
    lane to_server_, to_device_;
    std::int64_t stalled_until_ms_ = 0;
    bool cut_ = false;
};

}  // namespace parley::simulation
