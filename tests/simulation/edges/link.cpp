#include "tests/simulation/edges/link.hpp"

#include <algorithm>
#include <utility>

namespace parley::simulation {

namespace {

constexpr std::uint16_t broken = 1006;
constexpr std::int64_t never_ms = -1;

}  // namespace

link::~link() {
    lose_all();
}

/// Nothing that is under way arrives.
void link::lose_all() {
    around_.on_the_way -= up_.way.size();
    for (auto* one : {&up_, &down_}) {
        one->way.clear();
        one->bytes = 0;
    }
}

void link::send(way to, bytes message) {
    put(to, {0, parcel::kind::message, std::move(message), 0});
}

void link::ping_device() {
    put(way::down, {0, parcel::kind::ping, {}, 0});
}

void link::close(way to, std::uint16_t code) {
    (to == way::up ? device_ : server_).reset();
    put(to, {0, parcel::kind::close, {}, code});
}

void link::drop(way to) {
    (to == way::up ? device_ : server_).reset();
    if (cut_) return;
    if (chance_.one_in(2)) return put(to, {0, parcel::kind::close, {}, broken});
    cut_ = true;
    lose_all();
    hear_end(to, 300);
}

void link::cut() {
    if (cut_) return;
    cut_ = true;
    lose_all();
    hear_end(way::down, 200);
    // A server hears nothing of a network that is gone; its own patience ends it.
    hear_end(way::up, chance_.one_in(3) ? never_ms : chance_.one_in(2) ? 20'000 : 300);
}

void link::cut_after(way which, std::size_t bytes_more) {
    pipe_of(which).breaks_after = bytes_more;
}

void link::half_open() {
    if (cut_ || !device_) return;
    end_of(device_, broken);
    up_.not_before_ms = around_.clock.now_ms() + chance_.upto(chance_.one_in(2) ? 40'000 : 2'000);
    if (chance_.one_in(2)) put(way::up, {0, parcel::kind::close, {}, broken});
}

void link::silence(way which) {
    pipe_of(which).silent = true;
}

void link::stall(way which, std::int64_t ms) {
    auto& stalled = pipe_of(which);
    stalled.not_before_ms = std::max(stalled.not_before_ms, around_.clock.now_ms() + ms);
}

std::size_t link::unsent() const {
    const auto kernel = around_.rate.network.kernel_bytes;
    return down_.bytes > kernel ? down_.bytes - kernel : 0;
}

void link::put(way which, parcel what) {
    auto& through = pipe_of(which);
    if (cut_ || through.silent) return;
    if (through.breaks_after) {
        // Header and mask of RFC 6455 count too, so that every byte of what a socket carries is a place to
        // break.
        const auto size = what.message.size() + 8;
        if (size > *through.breaks_after) return cut();
        *through.breaks_after -= size;
    }
    const auto& rate = around_.rate.network;
    what.at_ms = around_.clock.now_ms() + (rate.steady ? rate.latency_ms : chance_.upto(rate.latency_ms));
    if (!through.way.empty()) what.at_ms = std::max(what.at_ms, through.way.back().at_ms);
    through.bytes += what.message.size();
    if (which == way::up) ++around_.on_the_way;
    through.way.push_back(std::move(what));
    move(which);
}

void link::move(way which) {
    auto& through = pipe_of(which);
    if (through.moving || through.way.empty()) return;
    through.moving = true;
    const auto at_ms = std::max(through.way.front().at_ms, through.not_before_ms);
    around_.clock.after(at_ms - around_.clock.now_ms(), [self = shared_from_this(), which] {
        auto& arrived = self->pipe_of(which);
        arrived.moving = false;
        if (self->cut_ || arrived.way.empty()) return;
        if (arrived.not_before_ms > self->around_.clock.now_ms()) return self->move(which);
        const auto what = std::move(arrived.way.front());
        arrived.way.pop_front();
        if (which == way::up) --self->around_.on_the_way;
        arrived.bytes -= what.message.size();
        self->deliver(which, what);
        self->move(which);
        if (const auto from = self->server_; which == way::down && from) from->progressed();
    });
}

void link::deliver(way which, const parcel& what) {
    const auto to = far_end(which);  // an end may close itself while it hears
    if (!to) return;
    switch (what.what) {
    case parcel::kind::message: return to->received(what.message);
    case parcel::kind::ping: return put(way::up, {0, parcel::kind::pong, {}, 0});
    case parcel::kind::pong: return to->ponged();
    case parcel::kind::close: return end_of(far_end(which), what.code);
    }
}

void link::hear_end(way which, std::int64_t after_ms) {
    if (after_ms == never_ms) return;
    around_.clock.after(chance_.upto(after_ms),
                        [self = shared_from_this(), which] { self->end_of(self->far_end(which), broken); });
}

void link::end_of(end_ptr& e, std::uint16_t code) {
    if (const auto ended = std::exchange(e, nullptr)) ended->closed(code);
}

}  // namespace parley::simulation
