#include "tests/simulation/edges/sockets.hpp"

#include "shared/base/limits.hpp"
#include "shared/wire/codec.hpp"

#include <algorithm>
#include <utility>

namespace parley::simulation {

namespace {

template <class Decode, class Each>
void each_frame(byte_view message, Decode decode, Each each) {
    wire::frame_reader frames{message};
    for (auto frame = frames.next(); !frame.empty(); frame = frames.next()) {
        const auto read = decode(frame);
        if (read) each(*read);
    }
}

}  // namespace

sockets::~sockets() {
    *alive_ = false;
    for (auto& [handle, one] : open_) {
        all_.tell([&](witness& w) { w.session_ended(one.seen); });
        one.connection->drop(link::way::down);
    }
}

void sockets::adopt(session_handle handle, const std::shared_ptr<link>& connection,
                    const session_opened& fact, user_id owner) {
    auto& one = open_[handle];
    one.connection = connection;
    one.seen = {handle, hub_, fact.user, owner};
    one.read_at_ms = one.pinged_at_ms = one.progress_at_ms = around_.clock.now_ms();
    const auto guarded = [this, alive = alive_](auto then) {
        return [alive, then](auto&&... what) {
            if (*alive) then(what...);
        };
    };
    connection->attach_server({guarded([this, handle](const bytes& message) { heard(handle, message); }),
                               guarded([this, handle](std::uint16_t) { ended(handle); }),
                               guarded([this, handle] { ponged(handle); }),
                               guarded([this, handle] { progressed(handle); })});
    all_.tell([&](witness& w) { w.session_opened(one.seen); });
    put(fact);
}

void sockets::heard(session_handle handle, const bytes& message) {
    const auto at = open_.find(handle);
    if (at == open_.end()) return;
    at->second.read_at_ms = around_.clock.now_ms();
    put(message_arrived{handle, {}}, message);
}

void sockets::ended(session_handle handle) {
    if (open_.count(handle) == 0) return;
    forget(handle);
    put(session_closed{handle});
}

void sockets::ponged(session_handle handle) {
    const auto at = open_.find(handle);
    if (at != open_.end()) at->second.read_at_ms = around_.clock.now_ms();
}

void sockets::progressed(session_handle handle) {
    const auto at = open_.find(handle);
    if (at == open_.end()) return;
    auto& one = at->second;
    const auto left = one.connection->unsent();
    if (left < one.unsent) one.progress_at_ms = around_.clock.now_ms();
    if (left != one.unsent && one.told_unsent) wake_();
    one.unsent = left;
}

void sockets::put(hub_fact fact, bytes message) {
    news_.push_back({std::move(fact), std::move(message)});
    wake_();
}

void sockets::tell_news(const std::function<void(const hub_fact&)>& tell) {
    for (auto& one : std::exchange(news_, {})) {
        if (auto* arrived = std::get_if<message_arrived>(&one.fact)) {
            arrived->message = one.message;
            const auto at = open_.find(arrived->session);
            if (at != open_.end())
                each_frame(one.message, wire::decode_up, [&](const wire::frame_up& frame) {
                    all_.tell([&](witness& w) { w.heard(at->second.seen, frame); });
                });
        }
        tell(one.fact);
    }
    for (auto& [handle, one] : open_) {
        if (one.unsent == 0 && !one.told_unsent) continue;
        one.told_unsent = one.unsent != 0;
        tell(session_unsent{handle, one.unsent});
    }
}

void sockets::send(const send_messages& order) {
    const auto at = open_.find(order.session);
    if (at == open_.end()) return;
    auto& one = at->second;
    for (const auto& message : order.messages) {
        const auto payload = message->payload();
        each_frame(payload, wire::decode_down, [&](const wire::frame_down& frame) {
            all_.tell([&](witness& w) { w.told(one.seen, frame); });
        });
        one.connection->send(link::way::down, bytes(payload.begin(), payload.end()));
    }
    const auto before = std::exchange(one.unsent, one.connection->unsent());
    if (before == 0 && one.unsent != 0) one.progress_at_ms = around_.clock.now_ms();
    if (one.unsent != 0) wake_();
}

void sockets::close(session_handle handle, close_code code) {
    const auto at = open_.find(handle);
    if (at == open_.end()) return;
    at->second.connection->close(link::way::down, static_cast<std::uint16_t>(code));
    ended(handle);
}

void sockets::close_all(close_code code) {
    while (!open_.empty())
        close(open_.begin()->first, code);
}

void sockets::sweep() {
    const auto now_ms = around_.clock.now_ms();
    std::vector<session_handle> gone;
    for (auto& [handle, one] : open_) {
        const bool stuck = one.unsent != 0 && one.progress_at_ms + limits::write_progress_ms <= now_ms;
        if (stuck || one.read_at_ms + limits::session_idle_ms <= now_ms) {
            gone.push_back(handle);
        } else if (std::max(one.read_at_ms, one.pinged_at_ms) + limits::hub_ping_ms <= now_ms) {
            one.pinged_at_ms = now_ms;
            if (one.unsent == 0) one.connection->ping_device();
        }
    }
    for (const auto handle : gone) {
        open_[handle].connection->drop(link::way::down);
        ended(handle);
    }
    if (unsent() > limits::process_unsent_bytes) cut_largest_debtors();
}

std::size_t sockets::unsent() const {
    std::size_t sum = 0;
    for (const auto& [handle, one] : open_)
        sum += one.unsent;
    return sum;
}

void sockets::cut_largest_debtors() {
    while (unsent() > limits::process_unsent_bytes) {
        const auto largest = std::max_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
            return a.second.unsent < b.second.unsent;
        });
        largest->second.connection->drop(link::way::down);
        ended(largest->first);
    }
}

void sockets::forget(session_handle handle) {
    const auto at = open_.find(handle);
    const auto seen = at->second.seen;
    open_.erase(at);
    all_.tell([&](witness& w) { w.session_ended(seen); });
}

}  // namespace parley::simulation
